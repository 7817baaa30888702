-- Who is asking: sign-in accounts, clinics, staff, permissions, and the functions from which every policy
-- derives the clinic and the person. The clinic is never a setting that the application chooses: a request's
-- transaction carries the login session's token, and only these functions turn it into a clinic.

CREATE SCHEMA extensions;
CREATE EXTENSION btree_gist WITH SCHEMA extensions;
CREATE EXTENSION pg_trgm    WITH SCHEMA extensions;
CREATE EXTENSION unaccent   WITH SCHEMA extensions;

CREATE SCHEMA auth;
CREATE SCHEMA app;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA app, extensions TO assent_app;
GRANT USAGE ON SCHEMA auth            TO assent_identity;

-- A function is callable by the role it was granted to, and by nobody else.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;


-- Sign-in accounts. The tables and their names are better-auth's.

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

CREATE TABLE auth.session (
  id          text        PRIMARY KEY,
  "expiresAt" timestamptz NOT NULL,
  token       text        NOT NULL UNIQUE,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now(),
  "ipAddress" text,
  "userAgent" text,
  "userId"    text        NOT NULL REFERENCES auth."user" ON DELETE CASCADE
);
CREATE INDEX session_of_user ON auth.session ("userId");

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
  "updatedAt"             timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_of_user ON auth.account ("userId");

CREATE TABLE auth.verification (
  id          text        PRIMARY KEY,
  identifier  text        NOT NULL,
  value       text        NOT NULL,
  "expiresAt" timestamptz NOT NULL,
  "createdAt" timestamptz NOT NULL DEFAULT now(),
  "updatedAt" timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX verification_identifier ON auth.verification (identifier);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA auth TO assent_identity;


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
  CONSTRAINT clinic_name_length          CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT clinic_adult_age_plausible  CHECK (adult_age_years BETWEEN 14 AND 21),
  CONSTRAINT clinic_screening_valid_days CHECK (screening_valid_days BETWEEN 1 AND 366),
  CONSTRAINT clinic_consent_valid_days   CHECK (consent_valid_days BETWEEN 1 AND 1096)
);
COMMENT ON COLUMN app.clinics.time_zone IS 'IANA name. Ages and calendar dates are those of this zone.';

CREATE TABLE app.staff (
  clinic_id  uuid      NOT NULL REFERENCES app.clinics,
  id         uuid      NOT NULL DEFAULT uuidv7(),
  user_id    text      NOT NULL UNIQUE REFERENCES auth."user",
  name       text      NOT NULL,
  email      text      NOT NULL,
  role       text      NOT NULL,
  profession text,
  active     tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT staff_name_length      CHECK (char_length(name) BETWEEN 1 AND 200),
  CONSTRAINT staff_role_known       CHECK (role IN ('administrator', 'practitioner', 'receptionist')),
  CONSTRAINT staff_profession_known CHECK (profession IN ('chiropractor', 'osteopathic_physician', 'physical_therapist')),
  CONSTRAINT staff_practitioner_has_profession CHECK ((role = 'practitioner') = (profession IS NOT NULL))
);

-- Who may do what: the one table. The guard of the API reads it and so does every policy below.
-- What isn't here is denied.
CREATE TABLE app.permissions (
  role       text NOT NULL,
  permission text NOT NULL,
  PRIMARY KEY (role, permission)
);
INSERT INTO app.permissions (permission, role)
VALUES ('me.read',               'administrator'), ('me.read',              'practitioner'), ('me.read',             'receptionist'),
       ('patient.read',          'administrator'), ('patient.read',         'practitioner'), ('patient.read',        'receptionist'),
                                                   ('patient.write',        'practitioner'), ('patient.write',       'receptionist'),
       ('clinical.read',         'administrator'), ('clinical.read',        'practitioner'),
       ('published-text.read',   'administrator'), ('published-text.read',  'practitioner'),
       ('published-text.write',  'administrator'),
                                                   ('screening.record',     'practitioner'),
                                                   ('screening.approve',    'practitioner'),
                                                   ('discussion.record',    'practitioner'),
                                                   ('consent.record',       'practitioner'),
       ('consent.withdraw',      'administrator'), ('consent.withdraw',     'practitioner'),
                                                   ('session.record',       'practitioner'),
       ('staff.manage',          'administrator');


-- The login session's token → clinic, person, role. One indexed look-up each.

CREATE FUNCTION app.clinic() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT staff.clinic_id
    FROM auth.session
    JOIN app.staff ON staff.user_id = session."userId"
   WHERE session.token = NULLIF(current_setting('app.token', true), '')
     AND session."expiresAt" > now()
     AND staff.active @> now();
END;

CREATE FUNCTION app.actor() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT staff.id
    FROM auth.session
    JOIN app.staff ON staff.user_id = session."userId"
   WHERE session.token = NULLIF(current_setting('app.token', true), '')
     AND session."expiresAt" > now()
     AND staff.active @> now();
END;

-- The clinic in which the person who asks holds this permission; NULL, so no row, where they don't.
-- Nobody holds a permission to write in a transaction that reads from an old snapshot: the rules of this schema look at
-- what others have committed, and a publication or a risk that the snapshot doesn't show would get past them.
CREATE FUNCTION app.clinic_for(wanted text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT staff.clinic_id
    FROM auth.session
    JOIN app.staff       ON staff.user_id = session."userId"
    JOIN app.permissions ON permissions.role = staff.role AND permissions.permission = wanted
   WHERE session.token = NULLIF(current_setting('app.token', true), '')
     AND session."expiresAt" > now()
     AND staff.active @> now()
     AND (wanted LIKE '%.read' OR current_setting('transaction_isolation') = 'read committed');
END;

-- Opens a request: binds the token to this transaction and says who it is. No row: not signed in.
CREATE FUNCTION app.sign_on(token text)
RETURNS TABLE (staff_id uuid, name text, email text, role text, profession text, clinic_id uuid, clinic_name text, time_zone text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT set_config('app.token', sign_on.token, true);
  SELECT staff.id, staff.name, staff.email, staff.role, staff.profession, clinics.id, clinics.name, clinics.time_zone
    FROM auth.session
    JOIN app.staff   ON staff.user_id = session."userId"
    JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE session.token = sign_on.token
     AND session."expiresAt" > now()
     AND staff.active @> now();
END;

-- Refusals by trigger carry a constraint's name, so that the application explains them like any other constraint.
CREATE FUNCTION app.refuse(rule text, message text, detail jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE    = 'check_violation',
    SCHEMA     = 'app',
    CONSTRAINT = rule,
    MESSAGE    = message,
    DETAIL     = COALESCE(detail::text, '');
END $$;

-- A calendar date (the clinic's midnight; for an end, the midnight after) or an instant as given.
CREATE FUNCTION app.instant(value text, is_end boolean) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT CASE
           WHEN value ~ '^\d{4}-\d{2}-\d{2}$'
           THEN (value::date + is_end::int)::timestamp AT TIME ZONE clinics.time_zone
           ELSE value::timestamptz
         END
    FROM app.clinics
   WHERE clinics.id = app.clinic();
END;

CREATE FUNCTION app.today() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT (now() AT TIME ZONE clinics.time_zone)::date FROM app.clinics WHERE clinics.id = app.clinic();
END;

-- Adds a person: the sign-in account and the place in the clinic in one transaction, without letting the
-- application's role read or change any account.
CREATE FUNCTION app.add_staff(clinic uuid, name text, email text, role text, profession text, password_hash text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  account  text := gen_random_uuid();
  staff_id uuid;
BEGIN
  INSERT INTO auth."user" (id, name, email, "emailVerified")
  VALUES (account, add_staff.name, lower(add_staff.email), false);

  INSERT INTO auth.account (id, "accountId", "providerId", "userId", password)
  VALUES (gen_random_uuid(), account, 'credential', account, password_hash);

  INSERT INTO app.staff (clinic_id, user_id, name, email, role, profession)
  VALUES (clinic, account, add_staff.name, lower(add_staff.email), add_staff.role, add_staff.profession)
  RETURNING id INTO staff_id;
  RETURN staff_id;
END $$;

CREATE FUNCTION app.employ(name text, email text, role text, profession text, password_hash text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('staff.manage');
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'only an administrator employs staff';
  END IF;
  RETURN app.add_staff(clinic, name, email, role, profession, password_hash);
END $$;

-- Founds a clinic with its first administrator. Called by the owner only (set-up, demo). The lock makes two
-- first set-ups take turns: the second one sees the first one's clinic.
CREATE FUNCTION app.found_clinic(clinic_name text, time_zone text, is_demo boolean, is_additional boolean,
                                 admin_name text, admin_email text, password_hash text)
RETURNS TABLE (clinic_id uuid, staff_id uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  LOCK TABLE app.clinics IN SHARE ROW EXCLUSIVE MODE;
  IF NOT is_additional AND EXISTS (SELECT FROM app.clinics) THEN
    PERFORM app.refuse('clinic_already_set_up', 'this database already holds a clinic');
  END IF;
  IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = found_clinic.time_zone) THEN
    PERFORM app.refuse('clinic_time_zone_known', format('%L is no time zone that PostgreSQL knows', found_clinic.time_zone));
  END IF;
  INSERT INTO app.clinics (name, time_zone, demo)
  VALUES (clinic_name, found_clinic.time_zone, is_demo)
  RETURNING id INTO clinic_id;
  staff_id := app.add_staff(clinic_id, admin_name, admin_email, 'administrator', NULL, password_hash);
  RETURN NEXT;
END $$;


ALTER TABLE app.clinics     ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.staff       ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_clinic ON app.clinics FOR SELECT TO assent_app USING (id        = (SELECT app.clinic()));
CREATE POLICY own_clinic ON app.staff   FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic()));
GRANT SELECT ON app.clinics, app.staff, app.permissions TO assent_app;
GRANT EXECUTE ON FUNCTION app.clinic(), app.actor(), app.clinic_for(text), app.sign_on(text), app.instant(text, boolean),
                          app.today(), app.employ(text, text, text, text, text) TO assent_app;
