-- The tables, their columns, constraints and indexes, and the data that comes with every database. What is done with them (functions,
-- views, triggers, policies, grants, and defaults that call our functions) is in src/**/*.sql; see docs/ARCHITECTURE.md.
--
-- A table's columns stand in the order in which versions up to 0.1.0 added them, so that this file and an upgrade give the same table.

CREATE SCHEMA extensions;
CREATE EXTENSION btree_gist WITH SCHEMA extensions;
CREATE EXTENSION pg_trgm    WITH SCHEMA extensions;
CREATE EXTENSION unaccent   WITH SCHEMA extensions;

CREATE SCHEMA auth;
CREATE SCHEMA app;
CREATE SCHEMA audit;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- A function is callable by the role that it was granted to, and by no other.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;


-- Functions that stored values follow from: in a CHECK, a generated column or an index. They are part of the tables: changing one
-- takes a migration that also checks or rewrites the rows.

CREATE FUNCTION app.regions() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ARRAY['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'];

CREATE FUNCTION app.techniques() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ARRAY['hvla_thrust', 'mobilisation', 'traction', 'rotation', 'instrument', 'drop_table'];

CREATE FUNCTION app.utf8(content jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN convert_to(content::text, 'UTF8');

-- Case and accents folded, so that "garcia" finds García, and "ΑΘΗΝΑ" finds Αθηνά. NFKD splits letters from
-- their accents in every script; unaccent replaces letters such as ø, which don't split. The collation is named, so
-- that the result doesn't depend on how the database was created.
CREATE FUNCTION app.fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT casefold(extensions.unaccent('extensions.unaccent'::regdictionary,
                                      regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')) COLLATE "pg_unicode_fast");
END;


-- Who is asking: accounts, clinics, staff, permissions, login sessions.
-- The tables user, session, account and verification, and their columns in camel case, are better-auth's.

CREATE TABLE auth."user" (
  id              text        PRIMARY KEY,
  name            text        NOT NULL,
  email           text        NOT NULL UNIQUE,
  "emailVerified" boolean     NOT NULL,
  image           text,
  "createdAt"     timestamptz NOT NULL DEFAULT now(),
  "updatedAt"     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT user_email_lower_case CHECK (email = lower(email))
);

CREATE TABLE app.clinics (
  id                    uuid        PRIMARY KEY DEFAULT uuidv7(),
  name                  text        NOT NULL,
  time_zone             text        NOT NULL,
  demo                  boolean     NOT NULL DEFAULT false,
  adult_age_years       smallint    NOT NULL DEFAULT 18,
  screening_valid_days  smallint    NOT NULL DEFAULT 90,
  consent_valid_days    smallint    NOT NULL DEFAULT 365,
  questionnaire_version integer     NOT NULL DEFAULT 0,
  disclosure_version    integer     NOT NULL DEFAULT 0,
  -- Consents that rest on a disclosure older than this version must be renewed.
  reconsent_version     integer     NOT NULL DEFAULT 0,
  founded_at            timestamptz NOT NULL DEFAULT clock_timestamp(),
  idle_minutes          smallint    NOT NULL DEFAULT 30,
  session_hours         smallint    NOT NULL DEFAULT 12,
  step_up_minutes       smallint    NOT NULL DEFAULT 15,
  mfa_roles             text[]      NOT NULL DEFAULT '{administrator}',
  -- Law differs. Germany: ten years after the end of the treatment (section 630f BGB). United Kingdom, chiropractors: eight years
  -- after the last visit, of a child until the 25th or 26th birthday (General Chiropractic Council). The longer of the two is
  -- the default, and counting from the age of majority covers the children.
  retention_years       smallint    NOT NULL DEFAULT 10,
  CONSTRAINT clinic_name_length             CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT clinic_adult_age_plausible     CHECK (adult_age_years BETWEEN 14 AND 21),
  CONSTRAINT clinic_screening_valid_days    CHECK (screening_valid_days BETWEEN 1 AND 366),
  CONSTRAINT clinic_consent_valid_days      CHECK (consent_valid_days BETWEEN 1 AND 1096),
  CONSTRAINT clinic_idle_minutes            CHECK (idle_minutes    BETWEEN 1 AND 60),
  CONSTRAINT clinic_session_hours           CHECK (session_hours   BETWEEN 1 AND 24),
  CONSTRAINT clinic_step_up_minutes         CHECK (step_up_minutes BETWEEN 1 AND 60),
  CONSTRAINT clinic_mfa_roles_known         CHECK (mfa_roles <@ '{administrator,practitioner,receptionist}'),
  CONSTRAINT clinic_administrators_need_mfa CHECK (demo OR 'administrator' = ANY (mfa_roles)),
  CONSTRAINT clinic_retention_years         CHECK (retention_years BETWEEN 1 AND 50)
);
ALTER TABLE app.clinics ENABLE ROW LEVEL SECURITY;
COMMENT ON COLUMN app.clinics.time_zone       IS 'IANA name. Ages and calendar dates are those of this zone.';
COMMENT ON COLUMN app.clinics.mfa_roles       IS 'The roles that must show a second factor. Whoever has set one up must show it in any role.';
COMMENT ON COLUMN app.clinics.retention_years IS 'How long a record is kept after its last entry, and after the patient came of age.';

-- A person may work in several clinics. An API key is a member of staff without a person.
CREATE TABLE app.staff (
  clinic_id  uuid      NOT NULL REFERENCES app.clinics,
  id         uuid      NOT NULL DEFAULT uuidv7(),
  user_id    text      REFERENCES auth."user",
  name       text      NOT NULL,
  email      text,
  role       text      NOT NULL,
  profession text,
  active     tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT staff_once_per_clinic   UNIQUE (clinic_id, user_id),
  CONSTRAINT staff_id_unique         UNIQUE (id),
  CONSTRAINT staff_of_user           UNIQUE (id, user_id),
  CONSTRAINT staff_name_length       CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT staff_role_known        CHECK (role IN ('administrator', 'practitioner', 'receptionist')),
  CONSTRAINT staff_profession_known  CHECK (profession IN ('chiropractor', 'osteopathic_physician', 'physical_therapist')),
  CONSTRAINT staff_practitioner_has_profession CHECK ((role = 'practitioner') = (profession IS NOT NULL)),
  CONSTRAINT staff_person_or_machine CHECK ((user_id IS NULL) = (email IS NULL))
);
ALTER TABLE app.staff ENABLE ROW LEVEL SECURITY;
CREATE INDEX staff_by_user ON app.staff (user_id);
COMMENT ON COLUMN app.staff.active IS 'Empty: invited, and not here yet. Ended: deactivated.';

-- Who may do what: the one table. The guard of the API reads it and so does every policy. What isn't here is denied.
CREATE TABLE app.permissions (
  role       text    NOT NULL,
  permission text    NOT NULL,
  fresh      boolean NOT NULL DEFAULT false,
  PRIMARY KEY (role, permission)
);
COMMENT ON COLUMN app.permissions.fresh IS 'Held only for clinics.step_up_minutes after an authentication, and never by a machine.';
INSERT INTO app.permissions (permission, role)
VALUES ('me.read',              'administrator'), ('me.read',            'practitioner'), ('me.read',         'receptionist'),
       ('account.read',         'administrator'), ('account.read',       'practitioner'), ('account.read',    'receptionist'),
       ('patient.read',         'administrator'), ('patient.read',       'practitioner'), ('patient.read',    'receptionist'),
                                                  ('patient.write',      'practitioner'), ('patient.write',   'receptionist'),
       ('patient.archive',      'administrator'), ('patient.archive',    'practitioner'), ('patient.archive', 'receptionist'),
       ('clinical.read',        'administrator'), ('clinical.read',      'practitioner'),
       ('published-text.read',  'administrator'), ('published-text.read', 'practitioner'),
       ('published-text.write', 'administrator'),
                                                  ('screening.record',   'practitioner'),
                                                  ('discussion.record',  'practitioner'),
       ('consent.withdraw',     'administrator'), ('consent.withdraw',   'practitioner'),
                                                  ('session.record',     'practitioner'),
       ('staff.read',           'administrator'),
       ('clinic.read',          'administrator'),
       ('key.read',             'administrator'),
       ('legal-hold.read',      'administrator'),
       ('audit.read',           'administrator'),
       ('report.read',          'administrator');
INSERT INTO app.permissions (fresh, permission, role)
VALUES (true, 'account.manage',    'administrator'), (true, 'account.manage',    'practitioner'), (true, 'account.manage', 'receptionist'),
                                                     (true, 'screening.approve', 'practitioner'),
                                                     (true, 'consent.record',    'practitioner'),
       (true, 'staff.manage',      'administrator'),
       (true, 'clinic.manage',     'administrator'),
       (true, 'key.manage',        'administrator'),
       (true, 'legal-hold.manage', 'administrator'),
       (true, 'patient.erase',     'administrator');
INSERT INTO migrations.unrecorded VALUES ('app.permissions', NULL);

-- Login sessions. The token is kept as its SHA-256, so that a stolen copy of the database opens nothing. An API key is a
-- login session that an administrator opened for a machine.
CREATE TABLE auth.session (
  id               text        PRIMARY KEY,
  "expiresAt"      timestamptz NOT NULL,
  token            text        NOT NULL UNIQUE,
  "createdAt"      timestamptz NOT NULL DEFAULT now(),
  "updatedAt"      timestamptz NOT NULL DEFAULT now(),
  "ipAddress"      text,
  "userAgent"      text,
  "userId"         text        REFERENCES auth."user" ON DELETE CASCADE,
  staff_id         uuid,
  methods          text        NOT NULL,
  started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  authenticated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Single sign-on speaks for the clinic whose provider it is, and for no other.
  only_clinic_id   uuid        REFERENCES app.clinics,
  has_factor       boolean     NOT NULL DEFAULT false,
  mfa              boolean     NOT NULL GENERATED ALWAYS AS (
    methods ~ '\m(passkey|provider_mfa|key)\M' OR (methods ~ '\m(password|provider)\M' AND methods ~ '\m(totp|recovery_code)\M')) STORED,
  CONSTRAINT session_token_hashed  CHECK (token ~ '^[0-9a-f]{64}$'),
  CONSTRAINT session_methods_known CHECK (methods = 'key' OR methods ~ '^(password|passkey|totp|recovery_code|provider|provider_mfa)( (password|passkey|totp|recovery_code|provider|provider_mfa))*$'),
  CONSTRAINT session_of_person_or_machine CHECK (("userId" IS NULL) = (methods = 'key')),
  CONSTRAINT session_of_machine_has_staff CHECK (methods <> 'key' OR staff_id IS NOT NULL),
  -- A person's session names a place of that person.
  CONSTRAINT session_of_own_staff  FOREIGN KEY (staff_id, "userId") REFERENCES app.staff (id, user_id),
  CONSTRAINT session_of_some_staff FOREIGN KEY (staff_id)           REFERENCES app.staff (id)
);
CREATE INDEX session_of_user  ON auth.session ("userId");
CREATE INDEX session_of_staff ON auth.session (staff_id);

CREATE TABLE auth.account (
  id                      text        PRIMARY KEY,
  "accountId"             text        NOT NULL,
  "providerId"            text        NOT NULL,
  "userId"                text        NOT NULL REFERENCES auth."user" ON DELETE CASCADE,
  "accessToken"           text,
  "refreshToken"          text,
  "idToken"               text,
  "accessTokenExpiresAt"  timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope                   text,
  password                text,
  "createdAt"             timestamptz NOT NULL DEFAULT now(),
  "updatedAt"             timestamptz NOT NULL DEFAULT now(),
  -- A password that is too short to stand alone holds only together with a second factor.
  needs_factor            boolean     NOT NULL DEFAULT false
);
CREATE INDEX account_of_user     ON auth.account ("userId");
CREATE UNIQUE INDEX account_once ON auth.account ("userId", "providerId");

CREATE TABLE auth.verification (
  id          text        PRIMARY KEY,
  identifier  text        NOT NULL,
  value       text        NOT NULL,
  "expiresAt" timestamptz NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX verification_identifier ON auth.verification (identifier);
CREATE INDEX verification_expiry     ON auth.verification ("expiresAt");

CREATE TABLE auth.totp (
  user_id      text        PRIMARY KEY REFERENCES auth."user" ON DELETE CASCADE,
  -- Encrypted with a key that isn't in the database.
  secret       text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  confirmed_at timestamptz,
  -- The newest period whose code was accepted: each code counts once.
  last_period  bigint      NOT NULL DEFAULT 0
);

CREATE TABLE auth.recovery_code (
  user_id text NOT NULL REFERENCES auth."user" ON DELETE CASCADE,
  -- SHA-256 of 120 random bits.
  hash    text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, hash)
);

CREATE TABLE auth.passkey (
  id           text        PRIMARY KEY,
  user_id      text        NOT NULL REFERENCES auth."user" ON DELETE CASCADE,
  label        text        NOT NULL,
  public_key   bytea       NOT NULL,
  counter      bigint      NOT NULL,
  transports   text[]      NOT NULL,
  backed_up    boolean     NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_used_at timestamptz,
  CONSTRAINT passkey_label_length CHECK (char_length(label) BETWEEN 1 AND 100)
);
CREATE INDEX passkey_of_user ON auth.passkey (user_id);

-- A link that works once, within 72 hours. Only the newest one of a person is valid.
CREATE TABLE auth.invitation (
  token      text        PRIMARY KEY,
  staff_id   uuid        NOT NULL UNIQUE REFERENCES app.staff (id),
  -- For somebody who can't sign in any more: a new password, and the second factors are removed.
  renews     boolean     NOT NULL DEFAULT false,
  by_mail    boolean     NOT NULL,
  expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '72 hours',
  used_at    timestamptz,
  CONSTRAINT invitation_token_hashed CHECK (token ~ '^[0-9a-f]{64}$')
);

-- Single sign-on: the OpenID provider of a clinic.
CREATE TABLE auth.sso_provider (
  clinic_id     uuid PRIMARY KEY REFERENCES app.clinics,
  label         text NOT NULL,
  issuer        text NOT NULL,
  client_id     text NOT NULL,
  -- Encrypted with a key that isn't in the database.
  client_secret text NOT NULL,
  CONSTRAINT sso_label_length     CHECK (char_length(label)     BETWEEN 1 AND 100),
  CONSTRAINT sso_issuer_length    CHECK (char_length(issuer)    BETWEEN 1 AND 500),
  CONSTRAINT sso_client_id_length CHECK (char_length(client_id) BETWEEN 1 AND 500)
);

-- Attempts that count against the limits; keys are keyed hashes of addresses and accounts.
CREATE TABLE auth.rate_limit (
  key    text    PRIMARY KEY,
  points integer NOT NULL,
  -- Milliseconds since 1970, by the application's clock.
  expire bigint  NOT NULL
);

-- Safe to repeat: a request that carries an Idempotency-Key claims it in the transaction in which it acts, and its response is stored
-- there too. So either both are there or neither is.
CREATE TABLE app.kept_answers (
  clinic_id      uuid        NOT NULL,
  staff_id       uuid        NOT NULL,
  key            text        NOT NULL,
  -- A keyed digest of the request: the same key with another request is a mistake.
  fingerprint    bytea       NOT NULL,
  -- The transaction that claimed the key stores the response, and no later one.
  transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
  claimed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- NULL: the request was done, and its response isn't stored because it held a secret.
  status         smallint,
  headers        jsonb,
  -- JSON as text, so that it is the same text again. NULL: a response without a body.
  body           text,
  PRIMARY KEY (clinic_id, staff_id, key),
  CONSTRAINT kept_answer_of_staff    FOREIGN KEY (clinic_id, staff_id) REFERENCES app.staff,
  CONSTRAINT kept_answer_key_form    CHECK (key ~ '^[A-Za-z0-9._~:+/=-]{16,128}$'),
  CONSTRAINT kept_answer_fingerprint CHECK (octet_length(fingerprint) = 32),
  -- What was refused was rolled back, and its key with it.
  CONSTRAINT kept_answer_of_success  CHECK (status BETWEEN 200 AND 299),
  CONSTRAINT kept_answer_whole       CHECK (status IS NOT NULL OR (headers IS NULL AND body IS NULL))
);
ALTER TABLE app.kept_answers ENABLE ROW LEVEL SECURITY;
CREATE INDEX kept_answer_age ON app.kept_answers (claimed_at);


-- People: licences of practitioners, patients, and those who may decide for a patient.

CREATE TABLE app.licences (
  clinic_id         uuid        NOT NULL,
  id                uuid        NOT NULL DEFAULT uuidv7(),
  practitioner_id   uuid        NOT NULL,
  profession        text        NOT NULL,
  authority         text        NOT NULL,
  number            text        NOT NULL,
  -- NULL: revoked before it began.
  valid             tstzrange,
  recorded_by       uuid        NOT NULL,
  recorded_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  revoked_at        timestamptz,
  revoked_by        uuid,
  revocation_reason text,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT licence_of_staff      FOREIGN KEY (clinic_id, practitioner_id) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT licence_recorded_by   FOREIGN KEY (clinic_id, recorded_by)     REFERENCES app.staff (clinic_id, id),
  CONSTRAINT licence_revoked_by    FOREIGN KEY (clinic_id, revoked_by)      REFERENCES app.staff (clinic_id, id),
  CONSTRAINT licence_profession_known CHECK (profession IN ('chiropractor', 'osteopathic_physician', 'physical_therapist')),
  CONSTRAINT licence_period_not_empty CHECK (NOT isempty(valid)),
  CONSTRAINT licence_valid_or_revoked CHECK (valid IS NOT NULL OR revoked_at IS NOT NULL),
  CONSTRAINT licence_revocation_whole CHECK (num_nulls(revoked_at, revoked_by, revocation_reason) IN (0, 3)),
  -- What a session cites. Somebody licensed in two professions has two rows, so the licence is named by its id.
  CONSTRAINT licence_valid_period  UNIQUE (clinic_id, id, practitioner_id, valid WITHOUT OVERLAPS),
  CONSTRAINT licence_recorded_once UNIQUE (clinic_id, practitioner_id, authority, number, valid WITHOUT OVERLAPS)
);
ALTER TABLE app.licences ENABLE ROW LEVEL SECURITY;
CREATE INDEX licence_recorded_by ON app.licences (clinic_id, recorded_by);
CREATE INDEX licence_revoked_by  ON app.licences (clinic_id, revoked_by);

CREATE SEQUENCE app.record_numbers;

CREATE TABLE app.patients (
  clinic_id           uuid        NOT NULL REFERENCES app.clinics,
  id                  uuid        NOT NULL DEFAULT uuidv7(),
  record_number       text        NOT NULL,
  given_name          text        NOT NULL,
  family_name         text        NOT NULL,
  birth_date          date        NOT NULL,
  sex                 text        NOT NULL DEFAULT 'unknown',
  phone               text,
  email               text,
  preferred_language  text,
  registered_by       uuid        NOT NULL,
  registered_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  version             integer     NOT NULL DEFAULT 1,
  -- The newest screening and the newest decision. Setting one takes the patient's row, at any isolation
  -- level, so that two of a kind can't both believe that they are the newest.
  latest_screening_id uuid,
  latest_consent_id   uuid,
  sort_name           text        NOT NULL GENERATED ALWAYS AS (app.fold(family_name || ' ' || given_name)) STORED,
  search_text         text        NOT NULL GENERATED ALWAYS AS (app.fold(given_name || ' ' || family_name || ' ' || record_number)) STORED,
  -- Archived: the patient left, and nothing is added until the record is restored.
  archived_at         timestamptz,
  archived_by         uuid,
  archive_reason      text,
  erased              boolean     NOT NULL DEFAULT false,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT patient_record_number_unique UNIQUE (clinic_id, record_number),
  CONSTRAINT patient_registered_by        FOREIGN KEY (clinic_id, registered_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT patient_given_name_length    CHECK (char_length(given_name)    BETWEEN 1 AND 100),
  CONSTRAINT patient_family_name_length   CHECK (char_length(family_name)   BETWEEN 1 AND 100),
  CONSTRAINT patient_record_number_length CHECK (char_length(record_number) BETWEEN 1 AND 40),
  CONSTRAINT patient_birth_date_after_1900 CHECK (birth_date >= DATE '1900-01-01'),
  CONSTRAINT patient_sex_known            CHECK (sex IN ('female', 'male', 'other', 'unknown')),
  CONSTRAINT patient_archived_by          FOREIGN KEY (clinic_id, archived_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT patient_archive_whole        CHECK (num_nulls(archived_at, archived_by, archive_reason) IN (0, 3)),
  CONSTRAINT patient_archive_reason_known CHECK (archive_reason IN ('left', 'moved', 'died', 'duplicate', 'other')),
  -- Permanently, whichever role writes.
  CONSTRAINT patient_erased_stays_blank   CHECK (NOT erased OR (archived_at IS NOT NULL
                                                 AND given_name = '[erased]' AND family_name = '[erased]' AND record_number = id::text
                                                 AND birth_date = DATE '1900-01-01' AND sex = 'unknown'
                                                 AND num_nonnulls(phone, email, preferred_language) = 0))
)
WITH (fillfactor = 85);
ALTER TABLE app.patients ENABLE ROW LEVEL SECURITY;
CREATE INDEX patient_by_name       ON app.patients (clinic_id, sort_name, id);
CREATE INDEX patient_search        ON app.patients USING gin (search_text extensions.gin_trgm_ops);
CREATE INDEX patient_by_birth_date ON app.patients (clinic_id, birth_date);
CREATE INDEX patient_registered_by ON app.patients (clinic_id, registered_by);
CREATE INDEX patient_archived_by   ON app.patients (clinic_id, archived_by) WHERE archived_by IS NOT NULL;
COMMENT ON COLUMN app.patients.sex    IS 'Administrative gender, the four codes of HL7 FHIR.';
COMMENT ON COLUMN app.patients.erased IS 'When, by whom and why is in audit.erasures.';

CREATE TABLE app.representatives (
  clinic_id    uuid        NOT NULL,
  id           uuid        NOT NULL DEFAULT uuidv7(),
  patient_id   uuid        NOT NULL,
  name         text        NOT NULL,
  relationship text        NOT NULL,
  authority    text        NOT NULL,
  -- NULL: ended before it began.
  valid        tstzrange,
  recorded_by  uuid        NOT NULL,
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at     timestamptz,
  ended_by     uuid,
  end_reason   text,
  end_note     text,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT representative_of_patient       FOREIGN KEY (clinic_id, patient_id)  REFERENCES app.patients (clinic_id, id),
  CONSTRAINT representative_recorded_by      FOREIGN KEY (clinic_id, recorded_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT representative_ended_by         FOREIGN KEY (clinic_id, ended_by)    REFERENCES app.staff (clinic_id, id),
  CONSTRAINT representative_period_not_empty CHECK (NOT isempty(valid)),
  CONSTRAINT representative_valid_or_ended   CHECK (valid IS NOT NULL OR ended_at IS NOT NULL),
  CONSTRAINT representative_end_whole        CHECK (num_nulls(ended_at, ended_by, end_reason) IN (0, 3) AND (end_note IS NULL OR ended_at IS NOT NULL)),
  CONSTRAINT representative_end_reason_known CHECK (end_reason IN ('capacity_regained', 'came_of_age', 'revoked', 'discharged', 'died', 'recorded_in_error')),
  -- What a decision cites.
  CONSTRAINT representative_authority_period UNIQUE (clinic_id, id, patient_id, valid WITHOUT OVERLAPS)
);
ALTER TABLE app.representatives ENABLE ROW LEVEL SECURITY;
CREATE INDEX representative_of_patient  ON app.representatives (clinic_id, patient_id);
CREATE INDEX representative_recorded_by ON app.representatives (clinic_id, recorded_by);
CREATE INDEX representative_ended_by    ON app.representatives (clinic_id, ended_by) WHERE ended_by IS NOT NULL;
COMMENT ON COLUMN app.representatives.authority  IS 'Why this person may decide: parental responsibility, a power of attorney, a court order …';
COMMENT ON COLUMN app.representatives.end_reason IS 'revoked: taken back or given up. discharged: by a court or public body. died: the representative.';

-- While a hold is in force, nothing is erased. Lifted, it stays.
CREATE TABLE app.legal_holds (
  clinic_id   uuid        NOT NULL,
  id          uuid        NOT NULL DEFAULT uuidv7(),
  patient_id  uuid        NOT NULL,
  reason      text        NOT NULL,
  placed_by   uuid        NOT NULL,
  placed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  lifted_at   timestamptz,
  lifted_by   uuid,
  lift_reason text,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT legal_hold_of_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES app.patients (clinic_id, id),
  CONSTRAINT legal_hold_placed_by  FOREIGN KEY (clinic_id, placed_by)  REFERENCES app.staff (clinic_id, id),
  CONSTRAINT legal_hold_lifted_by  FOREIGN KEY (clinic_id, lifted_by)  REFERENCES app.staff (clinic_id, id),
  CONSTRAINT legal_hold_has_reason CHECK (reason ~ '\S'),
  CONSTRAINT legal_hold_lift_has_reason CHECK (lift_reason ~ '\S'),
  CONSTRAINT legal_hold_lift_whole CHECK (num_nulls(lifted_at, lifted_by, lift_reason) IN (0, 3))
);
ALTER TABLE app.legal_holds ENABLE ROW LEVEL SECURITY;
CREATE INDEX legal_hold_of_patient ON app.legal_holds (clinic_id, patient_id);
CREATE INDEX legal_hold_placed_by  ON app.legal_holds (clinic_id, placed_by);
CREATE INDEX legal_hold_lifted_by  ON app.legal_holds (clinic_id, lifted_by);


-- Screening: published questionnaires, and screenings whose outcome the database derives from the answers.

CREATE TABLE app.questionnaires (
  clinic_id      uuid        NOT NULL REFERENCES app.clinics,
  id             uuid        NOT NULL DEFAULT uuidv7(),
  version        integer     NOT NULL,
  language       text        NOT NULL,
  content        jsonb       NOT NULL,
  content_sha256 bytea       NOT NULL GENERATED ALWAYS AS (sha256(app.utf8(content))) STORED,
  published_by   uuid        NOT NULL,
  published_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT questionnaire_version_unique UNIQUE (clinic_id, version),
  CONSTRAINT questionnaire_published_by   FOREIGN KEY (clinic_id, published_by) REFERENCES app.staff (clinic_id, id)
);
ALTER TABLE app.questionnaires ENABLE ROW LEVEL SECURITY;
CREATE INDEX questionnaire_published_by ON app.questionnaires (clinic_id, published_by);
CREATE INDEX questionnaire_current      ON app.questionnaires (clinic_id, language, version DESC);
COMMENT ON COLUMN app.questionnaires.content IS 'As published and as shown: title, introduction, items. The rows of questionnaire_items are derived from it.';

CREATE TABLE app.questionnaire_items (
  clinic_id        uuid     NOT NULL,
  questionnaire_id uuid     NOT NULL,
  code             text     NOT NULL,
  position         smallint NOT NULL,
  effect           text     NOT NULL,
  regions          text[]   NOT NULL,
  named_regions    text     NOT NULL,
  adds_risks       text[]   NOT NULL,
  PRIMARY KEY (clinic_id, questionnaire_id, code),
  CONSTRAINT questionnaire_item_of         FOREIGN KEY (clinic_id, questionnaire_id) REFERENCES app.questionnaires (clinic_id, id),
  CONSTRAINT questionnaire_item_code       CHECK (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  CONSTRAINT questionnaire_item_effect     CHECK (effect IN ('absolute', 'relative')),
  CONSTRAINT questionnaire_item_regions    CHECK (cardinality(regions) > 0 AND regions <@ app.regions()),
  CONSTRAINT questionnaire_item_named      CHECK (named_regions IN ('not_asked', 'narrow', 'absolute')),
  CONSTRAINT questionnaire_item_adds_risks CHECK (array_position(adds_risks, NULL) IS NULL)
);
ALTER TABLE app.questionnaire_items ENABLE ROW LEVEL SECURITY;
COMMENT ON COLUMN app.questionnaire_items.effect  IS 'absolute: bars its regions whatever anybody says. relative: bars them until medical advice or a second practitioner''s approval is recorded.';
COMMENT ON COLUMN app.questionnaire_items.named_regions IS 'What the regions named in an answer do. narrow: only those are barred, all if none are named. absolute: those are barred absolutely, in addition.';

CREATE TABLE app.screenings (
  clinic_id        uuid        NOT NULL,
  id               uuid        NOT NULL DEFAULT uuidv7(),
  patient_id       uuid        NOT NULL,
  questionnaire_id uuid        NOT NULL,
  answers          jsonb       NOT NULL,
  advice           jsonb,
  performed_by     uuid        NOT NULL,
  performed_at     timestamptz NOT NULL,
  -- Everything below is derived from the answers by app.screen().
  outcome          text        NOT NULL,
  findings         jsonb       NOT NULL,
  added_risks      text[]      NOT NULL,
  cleared_regions  text[]      NOT NULL,
  -- NULL: referred, so that no session can cite it.
  clears           tstzrange,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT screening_of_patient       FOREIGN KEY (clinic_id, patient_id)       REFERENCES app.patients (clinic_id, id),
  CONSTRAINT screening_of_questionnaire FOREIGN KEY (clinic_id, questionnaire_id) REFERENCES app.questionnaires (clinic_id, id),
  CONSTRAINT screening_performed_by     FOREIGN KEY (clinic_id, performed_by)     REFERENCES app.staff (clinic_id, id),
  CONSTRAINT screening_outcome_known    CHECK (outcome IN ('cleared', 'cleared_with_precautions', 'referred')),
  CONSTRAINT screening_referred_clears_nothing CHECK ((outcome = 'referred') = (clears IS NULL)),
  CONSTRAINT screening_advice_whole     CHECK (advice IS NULL OR (advice ?& ARRAY['name', 'profession', 'date', 'text'])),
  -- What a session cites.
  CONSTRAINT screening_clearing_period  UNIQUE (clinic_id, id, patient_id, clears WITHOUT OVERLAPS),
  -- At any instant at most one screening clears a patient.
  CONSTRAINT screening_one_at_a_time    UNIQUE (clinic_id, patient_id, clears WITHOUT OVERLAPS)
);
ALTER TABLE app.screenings ENABLE ROW LEVEL SECURITY;
CREATE INDEX screening_of_patient       ON app.screenings (clinic_id, patient_id, performed_at);
CREATE INDEX screening_of_questionnaire ON app.screenings (clinic_id, questionnaire_id);
CREATE INDEX screening_performed_by     ON app.screenings (clinic_id, performed_by);
-- Those that may wait for a second practitioner, for the start page.
CREATE INDEX screening_with_findings    ON app.screenings (clinic_id, id) WHERE findings <> '[]';

CREATE TABLE app.screening_regions (
  clinic_id    uuid NOT NULL,
  screening_id uuid NOT NULL,
  region       text NOT NULL,
  PRIMARY KEY (clinic_id, screening_id, region),
  CONSTRAINT screening_region_of FOREIGN KEY (clinic_id, screening_id) REFERENCES app.screenings (clinic_id, id)
);
ALTER TABLE app.screening_regions ENABLE ROW LEVEL SECURITY;

-- A second practitioner takes responsibility for the relative findings.
CREATE TABLE app.screening_approvals (
  clinic_id    uuid        NOT NULL,
  screening_id uuid        NOT NULL,
  reason       text        NOT NULL,
  approved_by  uuid        NOT NULL,
  approved_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, screening_id),
  CONSTRAINT approval_of_screening FOREIGN KEY (clinic_id, screening_id) REFERENCES app.screenings (clinic_id, id),
  CONSTRAINT approval_approved_by  FOREIGN KEY (clinic_id, approved_by)  REFERENCES app.staff (clinic_id, id),
  CONSTRAINT approval_has_reason   CHECK (reason ~ '\S')
);
ALTER TABLE app.screening_approvals ENABLE ROW LEVEL SECURITY;
CREATE INDEX approval_approved_by ON app.screening_approvals (clinic_id, approved_by);


-- Consent: published disclosures, discussions, each risk discussed, and decisions.

CREATE TABLE app.disclosures (
  clinic_id          uuid        NOT NULL REFERENCES app.clinics,
  id                 uuid        NOT NULL DEFAULT uuidv7(),
  version            integer     NOT NULL,
  language           text        NOT NULL,
  content            jsonb       NOT NULL,
  content_sha256     bytea       NOT NULL GENERATED ALWAYS AS (sha256(app.utf8(content))) STORED,
  requires_reconsent boolean     NOT NULL DEFAULT false,
  published_by       uuid        NOT NULL,
  published_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT disclosure_version_unique UNIQUE (clinic_id, version),
  CONSTRAINT disclosure_published_by   FOREIGN KEY (clinic_id, published_by) REFERENCES app.staff (clinic_id, id)
);
ALTER TABLE app.disclosures ENABLE ROW LEVEL SECURITY;
CREATE INDEX disclosure_published_by ON app.disclosures (clinic_id, published_by);
CREATE INDEX disclosure_current      ON app.disclosures (clinic_id, language, version DESC);
COMMENT ON COLUMN app.disclosures.content IS 'As published and as shown: introduction, benefits, uncertainty, alternatives, risks. The rows of disclosure_risks are derived from it.';

CREATE TABLE app.disclosure_risks (
  clinic_id     uuid     NOT NULL,
  disclosure_id uuid     NOT NULL,
  code          text     NOT NULL,
  position      smallint NOT NULL,
  title         text     NOT NULL,
  wording       text     NOT NULL,
  always        boolean  NOT NULL,
  PRIMARY KEY (clinic_id, disclosure_id, code),
  CONSTRAINT disclosure_risk_of      FOREIGN KEY (clinic_id, disclosure_id) REFERENCES app.disclosures (clinic_id, id),
  CONSTRAINT disclosure_risk_code    CHECK (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  CONSTRAINT disclosure_risk_wording CHECK (title ~ '\S' AND wording ~ '\S')
);
ALTER TABLE app.disclosure_risks ENABLE ROW LEVEL SECURITY;
COMMENT ON COLUMN app.disclosure_risks.always IS 'false: discussed only with patients whose screening adds it.';

CREATE TABLE app.discussions (
  clinic_id       uuid        NOT NULL,
  id              uuid        NOT NULL DEFAULT uuidv7(),
  patient_id      uuid        NOT NULL,
  screening_id    uuid        NOT NULL,
  disclosure_id   uuid        NOT NULL,
  regions         text[]      NOT NULL,
  techniques      text[]      NOT NULL,
  aim             text        NOT NULL,
  mode            text        NOT NULL,
  language        text        NOT NULL,
  interpreter     text,
  practitioner_id uuid        NOT NULL,
  opened_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT discussion_patient       UNIQUE (clinic_id, id, patient_id),
  CONSTRAINT discussion_of_patient    FOREIGN KEY (clinic_id, patient_id)      REFERENCES app.patients (clinic_id, id),
  CONSTRAINT discussion_of_screening  FOREIGN KEY (clinic_id, screening_id)    REFERENCES app.screenings (clinic_id, id),
  CONSTRAINT discussion_of_disclosure FOREIGN KEY (clinic_id, disclosure_id)   REFERENCES app.disclosures (clinic_id, id),
  CONSTRAINT discussion_practitioner  FOREIGN KEY (clinic_id, practitioner_id) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT discussion_regions_known    CHECK (cardinality(regions)    > 0 AND regions    <@ app.regions()),
  CONSTRAINT discussion_techniques_known CHECK (cardinality(techniques) > 0 AND techniques <@ app.techniques()),
  CONSTRAINT discussion_mode_known       CHECK (mode IN ('in_person', 'video', 'phone')),
  CONSTRAINT discussion_has_aim          CHECK (aim ~ '\S')
);
ALTER TABLE app.discussions ENABLE ROW LEVEL SECURITY;
CREATE INDEX discussion_of_patient    ON app.discussions (clinic_id, patient_id);
CREATE INDEX discussion_of_screening  ON app.discussions (clinic_id, screening_id);
CREATE INDEX discussion_of_disclosure ON app.discussions (clinic_id, disclosure_id);
CREATE INDEX discussion_practitioner  ON app.discussions (clinic_id, practitioner_id);

CREATE TABLE app.discussed_risks (
  clinic_id     uuid        NOT NULL,
  discussion_id uuid        NOT NULL,
  code          text        NOT NULL,
  title         text        NOT NULL,
  wording       text        NOT NULL,
  question      text,
  answer        text,
  discussed_by  uuid        NOT NULL,
  discussed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, discussion_id, code),
  CONSTRAINT discussed_risk_in_discussion FOREIGN KEY (clinic_id, discussion_id) REFERENCES app.discussions (clinic_id, id),
  CONSTRAINT discussed_risk_by            FOREIGN KEY (clinic_id, discussed_by)  REFERENCES app.staff (clinic_id, id)
);
ALTER TABLE app.discussed_risks ENABLE ROW LEVEL SECURITY;
CREATE INDEX discussed_risk_by ON app.discussed_risks (clinic_id, discussed_by);
COMMENT ON COLUMN app.discussed_risks.wording IS 'As it was shown: copied from the disclosure by the database.';

CREATE TABLE app.consents (
  clinic_id                   uuid        NOT NULL,
  id                          uuid        NOT NULL DEFAULT uuidv7(),
  discussion_id               uuid        NOT NULL,
  patient_id                  uuid        NOT NULL,
  decision                    text        NOT NULL,
  regions                     text[],
  decided_by                  text        NOT NULL,
  representative_id           uuid,
  capacity_confirmed          boolean     NOT NULL DEFAULT false,
  alternatives_discussed      boolean     NOT NULL DEFAULT false,
  right_to_withdraw_told      boolean     NOT NULL DEFAULT false,
  teach_back                  text,
  signature                   jsonb,
  witness                     jsonb,
  recorded_by                 uuid        NOT NULL,
  decided_at                  timestamptz NOT NULL,
  decided                     tstzrange   NOT NULL GENERATED ALWAYS AS (tstzrange(decided_at, decided_at, '[]')) STORED,
  -- SHA-256 of everything that was shown and discussed, and of that together with the signature.
  shown_sha256                bytea       NOT NULL,
  signed_sha256               bytea,
  -- NULL: refused, so that no session can cite it.
  in_force                    tstzrange,
  ended_because               text,
  withdrawn_at                timestamptz,
  withdrawn                   tstzrange   GENERATED ALWAYS AS (CASE WHEN withdrawn_at IS NOT NULL THEN tstzrange(withdrawn_at, withdrawn_at, '[]') END) STORED,
  withdrawn_by                text,
  withdrawn_by_representative uuid,
  withdrawal_reason           text,
  withdrawal_recorded_by      uuid,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT consent_once_per_discussion UNIQUE (clinic_id, discussion_id),
  CONSTRAINT consent_follows_discussion  FOREIGN KEY (clinic_id, discussion_id, patient_id) REFERENCES app.discussions (clinic_id, id, patient_id),
  CONSTRAINT consent_of_patient          FOREIGN KEY (clinic_id, patient_id)  REFERENCES app.patients (clinic_id, id),
  CONSTRAINT consent_recorded_by         FOREIGN KEY (clinic_id, recorded_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT consent_withdrawal_recorded_by FOREIGN KEY (clinic_id, withdrawal_recorded_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT consent_needs_authority     FOREIGN KEY (clinic_id, representative_id, patient_id, PERIOD decided)
                                         REFERENCES app.representatives (clinic_id, id, patient_id, PERIOD valid),
  CONSTRAINT withdrawal_needs_authority  FOREIGN KEY (clinic_id, withdrawn_by_representative, patient_id, PERIOD withdrawn)
                                         REFERENCES app.representatives (clinic_id, id, patient_id, PERIOD valid),
  CONSTRAINT consent_decision_known      CHECK (decision IN ('given', 'refused')),
  CONSTRAINT consent_decider_known       CHECK (decided_by IN ('patient', 'representative')),
  CONSTRAINT consent_names_representative CHECK ((decided_by = 'representative') = (representative_id IS NOT NULL)),
  CONSTRAINT consent_refused_not_in_force CHECK ((decision = 'given') = (in_force IS NOT NULL)),
  CONSTRAINT consent_needs_alternatives  CHECK (decision = 'refused' OR alternatives_discussed),
  CONSTRAINT consent_needs_right_to_withdraw CHECK (decision = 'refused' OR right_to_withdraw_told),
  CONSTRAINT consent_needs_teach_back    CHECK (decision = 'refused' OR COALESCE(teach_back ~ '\S', false)),
  CONSTRAINT consent_needs_signature     CHECK (decision = 'refused' OR COALESCE(signature ->> 'name' ~ '\S', false)),
  CONSTRAINT consent_ended_known         CHECK (ended_because IN ('withdrawn', 'replaced', 'outdated', 'unrepresented')),
  CONSTRAINT consent_withdrawal_whole    CHECK (num_nulls(withdrawn_at, withdrawn_by, withdrawal_reason, withdrawal_recorded_by) IN (0, 4)
                                            AND (ended_because = 'withdrawn') IS NOT DISTINCT FROM (CASE WHEN ended_because IS NULL THEN NULL ELSE withdrawn_at IS NOT NULL END)),
  CONSTRAINT consent_withdrawer_known    CHECK (withdrawn_by IN ('patient', 'representative')),
  CONSTRAINT consent_withdrawer_named    CHECK ((withdrawn_by = 'representative') IS NOT DISTINCT FROM (CASE WHEN withdrawn_by IS NULL THEN NULL ELSE withdrawn_by_representative IS NOT NULL END)),
  -- What a session and each manipulation cite.
  CONSTRAINT consent_period_in_force     UNIQUE (clinic_id, id, patient_id, in_force WITHOUT OVERLAPS),
  -- At any instant at most one consent of a patient is in force.
  CONSTRAINT consent_one_at_a_time       UNIQUE (clinic_id, patient_id, in_force WITHOUT OVERLAPS)
);
ALTER TABLE app.consents ENABLE ROW LEVEL SECURITY;
CREATE INDEX consent_of_patient             ON app.consents (clinic_id, patient_id, decided_at);
CREATE INDEX consent_of_representative      ON app.consents (clinic_id, representative_id) WHERE representative_id IS NOT NULL;
CREATE INDEX consent_withdrawn_by           ON app.consents (clinic_id, withdrawn_by_representative) WHERE withdrawn_by_representative IS NOT NULL;
CREATE INDEX consent_recorded_by            ON app.consents (clinic_id, recorded_by);
CREATE INDEX consent_withdrawal_recorded_by ON app.consents (clinic_id, withdrawal_recorded_by) WHERE withdrawal_recorded_by IS NOT NULL;

CREATE TABLE app.consent_scope (
  clinic_id  uuid NOT NULL,
  consent_id uuid NOT NULL,
  region     text NOT NULL,
  technique  text NOT NULL,
  PRIMARY KEY (clinic_id, consent_id, region, technique),
  CONSTRAINT consent_scope_of FOREIGN KEY (clinic_id, consent_id) REFERENCES app.consents (clinic_id, id)
);
ALTER TABLE app.consent_scope ENABLE ROW LEVEL SECURITY;


-- Sessions: the gate. A session exists only if at the instant it started the practitioner's licence was valid, the
-- patient's screening cleared, and a consent was in force.

CREATE TABLE app.sessions (
  clinic_id          uuid        NOT NULL,
  id                 uuid        NOT NULL DEFAULT uuidv7(),
  patient_id         uuid        NOT NULL,
  practitioner_id    uuid        NOT NULL,
  licence_id         uuid        NOT NULL,
  screening_id       uuid        NOT NULL,
  consent_id         uuid        NOT NULL,
  nothing_changed    boolean     NOT NULL,
  still_consents     boolean     NOT NULL,
  started_at         timestamptz NOT NULL,
  started            tstzrange   NOT NULL GENERATED ALWAYS AS (tstzrange(started_at, started_at, '[]')) STORED,
  ended_at           timestamptz,
  ended_by           uuid,
  -- What the consent covered and which version of the disclosure it followed, copied when the session starts. Neither ever changes.
  -- Without the copy, the newest sessions of an old version could only be found by walking through all newer ones.
  consented_regions  text[]      NOT NULL DEFAULT '{}',
  disclosure_version integer     NOT NULL DEFAULT 0,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT session_of_patient      FOREIGN KEY (clinic_id, patient_id)      REFERENCES app.patients (clinic_id, id),
  CONSTRAINT session_practitioner    FOREIGN KEY (clinic_id, practitioner_id) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT session_ended_by        FOREIGN KEY (clinic_id, ended_by)        REFERENCES app.staff (clinic_id, id),
  CONSTRAINT session_needs_licence   FOREIGN KEY (clinic_id, licence_id, practitioner_id, PERIOD started)
                                     REFERENCES app.licences (clinic_id, id, practitioner_id, PERIOD valid),
  CONSTRAINT session_needs_screening FOREIGN KEY (clinic_id, screening_id, patient_id, PERIOD started)
                                     REFERENCES app.screenings (clinic_id, id, patient_id, PERIOD clears),
  CONSTRAINT session_needs_consent   FOREIGN KEY (clinic_id, consent_id, patient_id, PERIOD started)
                                     REFERENCES app.consents (clinic_id, id, patient_id, PERIOD in_force),
  CONSTRAINT session_needs_nothing_changed   CHECK (nothing_changed),
  CONSTRAINT session_needs_consent_confirmed CHECK (still_consents),
  CONSTRAINT session_ends_after_start        CHECK (ended_at >= started_at),
  CONSTRAINT session_end_whole               CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
ALTER TABLE app.sessions ENABLE ROW LEVEL SECURITY;
CREATE UNIQUE INDEX session_one_open_per_patient ON app.sessions (clinic_id, patient_id) WHERE ended_at IS NULL;
CREATE INDEX session_of_patient   ON app.sessions (clinic_id, patient_id, started_at);
CREATE INDEX session_practitioner ON app.sessions (clinic_id, practitioner_id, started_at, id);
CREATE INDEX session_ended_by     ON app.sessions (clinic_id, ended_by);
CREATE INDEX session_of_licence   ON app.sessions (clinic_id, licence_id);
CREATE INDEX session_of_screening ON app.sessions (clinic_id, screening_id);
CREATE INDEX session_of_consent   ON app.sessions (clinic_id, consent_id);
-- One for each way to read the report: newest first, page by page. Regions have an index each, because none on the array
-- gives an order, and its operators aren't leakproof: under row-level security they would use none.
CREATE INDEX session_by_start      ON app.sessions (clinic_id, started_at, id);
CREATE INDEX session_by_disclosure ON app.sessions (clinic_id, disclosure_version, started_at, id);
CREATE INDEX session_on_cervical   ON app.sessions (clinic_id, started_at, id) WHERE 'cervical' = ANY (consented_regions);
CREATE INDEX session_on_thoracic   ON app.sessions (clinic_id, started_at, id) WHERE 'thoracic' = ANY (consented_regions);
CREATE INDEX session_on_lumbar     ON app.sessions (clinic_id, started_at, id) WHERE 'lumbar'   = ANY (consented_regions);
CREATE INDEX session_on_sacral     ON app.sessions (clinic_id, started_at, id) WHERE 'sacral'   = ANY (consented_regions);
CREATE INDEX session_on_pelvic     ON app.sessions (clinic_id, started_at, id) WHERE 'pelvic'   = ANY (consented_regions);
COMMENT ON COLUMN app.sessions.consented_regions  IS 'Copied from the consent by app.cite_consent().';
COMMENT ON COLUMN app.sessions.disclosure_version IS 'Copied from the consent''s disclosure by app.cite_consent().';

CREATE TABLE app.segments (
  region   text     NOT NULL,
  segment  text     NOT NULL,
  position smallint NOT NULL,
  PRIMARY KEY (region, segment)
);
COMMENT ON TABLE app.segments IS 'What can be named in a region: a vertebra, or a motion segment (two vertebrae and what joins them).';
INSERT INTO app.segments (region, segment, position)
WITH vertebrae (region, name, position) AS (
  SELECT 'cervical', 'C' || n, n      FROM generate_series(0, 7)  AS n UNION ALL
  SELECT 'thoracic', 'T' || n, 7 + n  FROM generate_series(1, 12) AS n UNION ALL
  SELECT 'lumbar',   'L' || n, 19 + n FROM generate_series(1, 5)  AS n UNION ALL
  SELECT 'sacral',   'S' || n, 24 + n FROM generate_series(1, 5)  AS n)
SELECT region, name, position * 2 FROM vertebrae
 UNION ALL
SELECT upper.region, upper.name || '/' || lower.name, upper.position * 2 + 1
  FROM vertebrae AS upper JOIN vertebrae AS lower ON lower.position = upper.position + 1
 UNION ALL
SELECT 'sacral', 'sacrum', 100
 UNION ALL
SELECT 'pelvic', segment, position FROM (VALUES ('sacroiliac', 101), ('left_sacroiliac', 102), ('right_sacroiliac', 103)) AS pelvic (segment, position);

CREATE TABLE app.manipulations (
  clinic_id       uuid        NOT NULL,
  id              uuid        NOT NULL DEFAULT uuidv7(),
  session_id      uuid        NOT NULL,
  region          text        NOT NULL,
  segment         text        NOT NULL,
  technique       text        NOT NULL,
  side            text,
  response        text,
  -- Copied from the session by app.manipulate().
  patient_id      uuid        NOT NULL,
  practitioner_id uuid        NOT NULL,
  licence_id      uuid        NOT NULL,
  screening_id    uuid        NOT NULL,
  consent_id      uuid        NOT NULL,
  performed_at    timestamptz NOT NULL,
  performed       tstzrange   NOT NULL GENERATED ALWAYS AS (tstzrange(performed_at, performed_at, '[]')) STORED,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT manipulation_in_session      FOREIGN KEY (clinic_id, session_id) REFERENCES app.sessions (clinic_id, id),
  CONSTRAINT manipulation_segment_known   FOREIGN KEY (region, segment)       REFERENCES app.segments (region, segment),
  CONSTRAINT manipulation_within_consent  FOREIGN KEY (clinic_id, consent_id, region, technique)
                                          REFERENCES app.consent_scope (clinic_id, consent_id, region, technique),
  CONSTRAINT manipulation_within_screening FOREIGN KEY (clinic_id, screening_id, region)
                                          REFERENCES app.screening_regions (clinic_id, screening_id, region),
  CONSTRAINT manipulation_needs_licence   FOREIGN KEY (clinic_id, licence_id, practitioner_id, PERIOD performed)
                                          REFERENCES app.licences (clinic_id, id, practitioner_id, PERIOD valid),
  CONSTRAINT manipulation_needs_screening FOREIGN KEY (clinic_id, screening_id, patient_id, PERIOD performed)
                                          REFERENCES app.screenings (clinic_id, id, patient_id, PERIOD clears),
  CONSTRAINT manipulation_needs_consent   FOREIGN KEY (clinic_id, consent_id, patient_id, PERIOD performed)
                                          REFERENCES app.consents (clinic_id, id, patient_id, PERIOD in_force),
  CONSTRAINT manipulation_side_known      CHECK (side IN ('left', 'right', 'bilateral'))
);
ALTER TABLE app.manipulations ENABLE ROW LEVEL SECURITY;
CREATE INDEX manipulation_in_session   ON app.manipulations (clinic_id, session_id);
CREATE INDEX manipulation_of_licence   ON app.manipulations (clinic_id, licence_id);
CREATE INDEX manipulation_of_screening ON app.manipulations (clinic_id, screening_id);
CREATE INDEX manipulation_of_consent   ON app.manipulations (clinic_id, consent_id);


-- The audit trail: every change, every look at a patient's record, every refusal, in the transaction in which it happened.

CREATE TABLE audit.events (
  id             uuid        NOT NULL DEFAULT uuidv7(),
  occurred_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- NULL: of no clinic, such as an attempt on an account that doesn't exist.
  clinic_id      uuid,
  -- Copied, because names and roles change. NULL: nobody was signed in; set-up.
  staff_id       uuid,
  staff_name     text,
  staff_role     text,
  -- insert, update: of a row. read, search: of patients' records. Otherwise an authentication event or a refusal, e.g. sign-in, denial.
  action         text        NOT NULL,
  outcome        text        NOT NULL DEFAULT 'success',
  -- Which kind of record, and which one.
  subject        text,
  subject_id     text,
  patient_id     uuid,
  address        text,
  user_agent     text,
  request_id     text,
  -- Values may have to be erased one day, and the log must still verify: it holds the digest, which the salt keeps from being
  -- guessed. JSON as text, so that the digest is that of these bytes.
  details        text,
  salt           bytea,
  details_sha256 bytea,
  -- Otherwise the hash of an event whose other columns can be guessed would confirm the guess.
  nonce          bytea       NOT NULL DEFAULT uuid_send(gen_random_uuid()),
  PRIMARY KEY (id, occurred_at),
  CONSTRAINT event_outcome_known    CHECK (outcome IN ('success', 'failure')),
  CONSTRAINT event_details_digested CHECK (details IS NULL OR details_sha256 = sha256(salt || convert_to(details, 'UTF8')))
)
PARTITION BY RANGE (occurred_at);
ALTER TABLE audit.events ENABLE ROW LEVEL SECURITY;
CREATE INDEX event_by_clinic  ON audit.events (clinic_id, id);
CREATE INDEX event_by_patient ON audit.events (clinic_id, patient_id, id) WHERE patient_id IS NOT NULL;
CREATE INDEX event_by_staff   ON audit.events (clinic_id, staff_id, id)   WHERE staff_id IS NOT NULL;
CREATE INDEX event_by_action  ON audit.events (clinic_id, action, id);
-- The history of one record is found by its patient, except what couldn't name one: a refused decision, a denial.
CREATE INDEX event_without_patient ON audit.events (clinic_id, subject_id, id) WHERE patient_id IS NULL AND subject_id IS NOT NULL;
-- By words in the values of an event. The index has the words of texts, not of keys and numbers: a third of the work.
CREATE INDEX event_by_words ON audit.events USING gin (jsonb_to_tsvector('simple', details::jsonb, '["string"]'));
-- Partitions are made ahead, one a month, by audit.create_partitions(); this one catches what a server that runs for years would miss.
CREATE TABLE audit.events_later PARTITION OF audit.events DEFAULT;

CREATE TABLE audit.erasures (
  clinic_id        uuid        NOT NULL,
  id               uuid        NOT NULL DEFAULT uuidv7(),
  patient_id       uuid        NOT NULL,
  erased_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Copied, as in audit.events.
  staff_id         uuid        NOT NULL,
  staff_name       text        NOT NULL,
  staff_role       text        NOT NULL,
  reason           text        NOT NULL,
  rows_blanked     integer     NOT NULL,
  events_blanked   integer     NOT NULL,
  searches_blanked integer     NOT NULL,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT erasure_once       UNIQUE (clinic_id, patient_id),
  CONSTRAINT erasure_of_patient FOREIGN KEY (clinic_id, patient_id) REFERENCES app.patients (clinic_id, id),
  CONSTRAINT erasure_has_reason CHECK (reason ~ '\S')
);
ALTER TABLE audit.erasures ENABLE ROW LEVEL SECURITY;

CREATE TABLE audit.erased_events (
  clinic_id  uuid NOT NULL,
  event_id   uuid NOT NULL,
  erasure_id uuid NOT NULL,
  PRIMARY KEY (clinic_id, event_id),
  CONSTRAINT erased_event_by FOREIGN KEY (clinic_id, erasure_id) REFERENCES audit.erasures (clinic_id, id)
);
ALTER TABLE audit.erased_events ENABLE ROW LEVEL SECURITY;
CREATE INDEX erased_event_by ON audit.erased_events (clinic_id, erasure_id);
COMMENT ON TABLE audit.erased_events IS
  'Which erasure took the details of an event. An event with a digest and without details is explained by its row here, and by nothing else. '
  'The erasure''s own event holds the digest of this list: eventsSha256, the SHA-256 of the ids in their order, joined by commas.';


-- The log: events as the leaves of a Merkle tree (RFC 6962), whose root is signed.

-- Recorded and not in the log yet, with the leaf that it will be: an event that is changed meanwhile doesn't get in.
CREATE TABLE audit.unsealed (
  event_id    uuid        PRIMARY KEY,
  occurred_at timestamptz NOT NULL,
  leaf_hash   bytea       NOT NULL
);
ALTER TABLE audit.unsealed ENABLE ROW LEVEL SECURITY;

-- Which leaf an event is. Numbers have no gaps.
CREATE TABLE audit.leaves (
  leaf_index  bigint      PRIMARY KEY,
  event_id    uuid        NOT NULL,
  occurred_at timestamptz NOT NULL,
  clinic_id   uuid,
  CONSTRAINT leaf_index_from_zero CHECK (leaf_index >= 0),
  CONSTRAINT event_sealed_once    UNIQUE (event_id)
);
ALTER TABLE audit.leaves ENABLE ROW LEVEL SECURITY;
CREATE INDEX leaf_by_clinic ON audit.leaves (clinic_id, leaf_index);

-- Tile n of level l: the roots of 256 subtrees of 256^l leaves (c2sp.org/tlog-tiles). The last one of a level grows until it is full.
CREATE TABLE audit.tiles (
  level      smallint NOT NULL,
  tile_index bigint   NOT NULL,
  hashes     bytea    STORAGE EXTERNAL NOT NULL,
  PRIMARY KEY (level, tile_index),
  CONSTRAINT tile_of_hashes CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0)
);

-- Signed roots, in the order in which they were signed (c2sp.org/tlog-checkpoint). One row for each signature of a new size, and one
-- now and then as a heartbeat.
CREATE TABLE audit.checkpoints (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tree_size bigint      NOT NULL,
  root      bytea       NOT NULL,
  note      text        NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT checkpoint_root_is_hash CHECK (octet_length(root) = 32)
);
CREATE INDEX checkpoint_by_size ON audit.checkpoints (tree_size, id);

-- Which checkpoint is kept outside the database, and where. The receipt is a witness's cosignature.
CREATE TABLE audit.anchorings (
  anchor        text        NOT NULL,
  checkpoint_id bigint      NOT NULL,
  receipt       text,
  anchored_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (anchor, checkpoint_id),
  CONSTRAINT anchoring_of_checkpoint FOREIGN KEY (checkpoint_id) REFERENCES audit.checkpoints
);
CREATE INDEX anchoring_by_checkpoint ON audit.anchorings (checkpoint_id);

-- The state of the sealer itself (anchor ''), and of each anchor.
CREATE TABLE audit.log_state (
  anchor     text        PRIMARY KEY,
  -- NULL: all is well.
  problem    text,
  -- The problem is that the log doesn't fit to what was signed before. It isn't signed on.
  halted     boolean     NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Verification of the whole record, requested here and done by a server in the background, which writes its progress and findings here.
CREATE TABLE audit.verifications (
  id            uuid        PRIMARY KEY DEFAULT uuidv7(),
  clinic_id     uuid        NOT NULL,
  requested_by  uuid        NOT NULL,
  requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at    timestamptz,
  told_at       timestamptz,
  finished_at   timestamptz,
  phase         text,
  done          bigint      NOT NULL DEFAULT 0,
  total         bigint      NOT NULL DEFAULT 0,
  entries       bigint,
  row_count     bigint,
  anchored      bigint,
  finding_count bigint      NOT NULL DEFAULT 0,
  -- Why it couldn't be done.
  problem       text,
  CONSTRAINT verification_phase_known  CHECK (phase IN ('log', 'waiting', 'anchors', 'rows')),
  CONSTRAINT verification_requested_by FOREIGN KEY (clinic_id, requested_by) REFERENCES app.staff (clinic_id, id)
);
ALTER TABLE audit.verifications ENABLE ROW LEVEL SECURITY;
CREATE INDEX verification_of_clinic ON audit.verifications (clinic_id, id);
CREATE INDEX verification_waiting   ON audit.verifications (id) WHERE started_at IS NULL;

CREATE TABLE audit.findings (
  verification_id uuid    NOT NULL REFERENCES audit.verifications,
  position        integer NOT NULL,
  -- Whose record it is. NULL: everybody's, such as a damaged tree.
  clinic_id       uuid,
  subject         text    NOT NULL,
  problem         text    NOT NULL,
  PRIMARY KEY (verification_id, position)
);
ALTER TABLE audit.findings ENABLE ROW LEVEL SECURITY;
