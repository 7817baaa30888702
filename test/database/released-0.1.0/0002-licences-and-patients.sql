-- Licences (who may treat, during which period), patients, and those who may decide for a patient.

CREATE TABLE app.licences (
  clinic_id         uuid        NOT NULL DEFAULT app.clinic(),
  id                uuid        NOT NULL DEFAULT uuidv7(),
  practitioner_id   uuid        NOT NULL,
  profession        text        NOT NULL,
  authority         text        NOT NULL,
  number            text        NOT NULL,
  -- NULL: revoked before it began.
  valid             tstzrange,
  recorded_by       uuid        NOT NULL DEFAULT app.actor(),
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
CREATE INDEX licence_recorded_by ON app.licences (clinic_id, recorded_by);
CREATE INDEX licence_revoked_by  ON app.licences (clinic_id, revoked_by);

-- A revocation ends the licence at the server's instant and stays. The row is locked before the clock is
-- read, so that a session that started while we waited lies before the end.
CREATE FUNCTION app.revoke_licence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL THEN
    PERFORM app.refuse('licence_revoked_once', 'this licence is already revoked');
  END IF;
  PERFORM FROM app.licences WHERE clinic_id = OLD.clinic_id AND id = OLD.id FOR UPDATE;
  NEW.revoked_at := clock_timestamp();
  NEW.revoked_by := app.actor();
  NEW.valid      := CASE WHEN lower(OLD.valid) >= NEW.revoked_at THEN NULL
                         ELSE OLD.valid * tstzrange(NULL, NEW.revoked_at) END;
  RETURN NEW;
END $$;
CREATE TRIGGER revoke BEFORE UPDATE ON app.licences FOR EACH ROW EXECUTE FUNCTION app.revoke_licence();

ALTER TABLE app.licences ENABLE ROW LEVEL SECURITY;
CREATE POLICY read   ON app.licences FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic()));
CREATE POLICY record ON app.licences FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('staff.manage')));
CREATE POLICY revoke ON app.licences FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('staff.manage')));
GRANT SELECT ON app.licences TO assent_app;
GRANT INSERT (practitioner_id, profession, authority, number, valid) ON app.licences TO assent_app;
GRANT UPDATE (revocation_reason)                                     ON app.licences TO assent_app;


-- Case and accents folded, so that "garcia" finds García, and "ΑΘΗΝΑ" finds Αθηνά. NFKD splits letters from
-- their accents in every script; unaccent replaces letters such as ø, which don't split. The collation is named, so
-- that the result doesn't depend on how the database was created.
CREATE FUNCTION app.fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
  SELECT casefold(extensions.unaccent('extensions.unaccent'::regdictionary,
                                      regexp_replace(normalize(value, NFKD), '[\u0300-\u036f]', '', 'g')) COLLATE "pg_unicode_fast");
END;

CREATE SEQUENCE app.record_numbers;

CREATE TABLE app.patients (
  clinic_id           uuid        NOT NULL DEFAULT app.clinic() REFERENCES app.clinics,
  id                  uuid        NOT NULL DEFAULT uuidv7(),
  record_number       text        NOT NULL,
  given_name          text        NOT NULL,
  family_name         text        NOT NULL,
  birth_date          date        NOT NULL,
  sex                 text        NOT NULL DEFAULT 'unknown',
  phone               text,
  email               text,
  preferred_language  text,
  registered_by       uuid        NOT NULL DEFAULT app.actor(),
  registered_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  version             integer     NOT NULL DEFAULT 1,
  -- The newest screening and the newest decision. Setting one takes the patient's row, at any isolation
  -- level, so that two of a kind can't both believe that they are the newest.
  latest_screening_id uuid,
  latest_consent_id   uuid,
  sort_name           text        NOT NULL GENERATED ALWAYS AS (app.fold(family_name || ' ' || given_name)) STORED,
  search_text         text        NOT NULL GENERATED ALWAYS AS (app.fold(given_name || ' ' || family_name || ' ' || record_number)) STORED,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT patient_record_number_unique UNIQUE (clinic_id, record_number),
  CONSTRAINT patient_registered_by      FOREIGN KEY (clinic_id, registered_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT patient_given_name_length  CHECK (char_length(given_name)    BETWEEN 1 AND 100),
  CONSTRAINT patient_family_name_length CHECK (char_length(family_name)   BETWEEN 1 AND 100),
  CONSTRAINT patient_record_number_length CHECK (char_length(record_number) BETWEEN 1 AND 40),
  CONSTRAINT patient_birth_date_after_1900 CHECK (birth_date >= DATE '1900-01-01'),
  CONSTRAINT patient_sex_known          CHECK (sex IN ('female', 'male', 'other', 'unknown'))
)
WITH (fillfactor = 85);
COMMENT ON COLUMN app.patients.sex IS 'Administrative gender, the four codes of HL7 FHIR.';
CREATE INDEX patient_by_name       ON app.patients (clinic_id, sort_name, id);
CREATE INDEX patient_search        ON app.patients USING gin (search_text extensions.gin_trgm_ops);
CREATE INDEX patient_by_birth_date ON app.patients (clinic_id, birth_date);
CREATE INDEX patient_registered_by ON app.patients (clinic_id, registered_by);

CREATE FUNCTION app.write_patient() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF NEW.birth_date > app.today() THEN
    PERFORM app.refuse('patient_birth_date_not_in_future', 'the birth date lies in the future');
  END IF;
  IF TG_OP = 'UPDATE' THEN
    NEW.version := OLD.version + 1;
  ELSIF NEW.record_number IS NULL THEN
    LOOP
      NEW.record_number := to_char(nextval('app.record_numbers'), 'FM999999999999000000');
      EXIT WHEN NOT EXISTS (SELECT FROM app.patients WHERE clinic_id = NEW.clinic_id AND record_number = NEW.record_number);
    END LOOP;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER write
  BEFORE INSERT OR UPDATE OF record_number, given_name, family_name, birth_date, sex, phone, email, preferred_language
  ON app.patients FOR EACH ROW EXECUTE FUNCTION app.write_patient();

-- The age in completed years. Somebody born on 29 February comes of age on 1 March in other years.
CREATE FUNCTION app.age_on(day date, birth_date date) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN EXTRACT(year FROM age(day::timestamp, birth_date::timestamp))::integer;

-- The instant from which a patient decides alone: midnight in the clinic's time zone of the birthday.
CREATE FUNCTION app.comes_of_age(birth_date date, years integer, time_zone text) RETURNS timestamptz
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp
RETURN (SELECT (CASE WHEN EXTRACT(day FROM birth_date) <> EXTRACT(day FROM birthday) THEN birthday + interval '1 day' ELSE birthday END)
               AT TIME ZONE time_zone
          FROM (SELECT birth_date + make_interval(years => years) AS birthday) AS that);

-- Search by any part of name or record number, every word of the query in any order, or by birth date; keyset pages by
-- name. A definer function, because LIKE isn't leakproof: under row-level security it would ignore the index.
CREATE FUNCTION app.search_patients(query text, after_name text, after_id uuid, page_size integer) RETURNS SETOF app.patients
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, extensions, pg_temp
AS $$
DECLARE
  clinic   uuid   := app.clinic_for('patient.read');
  words    text[] := regexp_split_to_array(btrim(app.fold(COALESCE(query, ''))), '\s+');
  patterns text[] := ARRAY(SELECT '%' || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%' FROM unnest(words) AS word);
  rarest   text   := (SELECT pattern FROM unnest(patterns) AS pattern ORDER BY length(pattern) DESC LIMIT 1);
  -- What only looks like a date is a word, and so is a date: it may be a record number.
  birthday date   := CASE WHEN btrim(query) ~ '^\d{4}-\d{2}-\d{2}$' AND pg_input_is_valid(btrim(query), 'date')
                          THEN btrim(query)::date END;
BEGIN
  IF birthday IS NOT NULL THEN
    RETURN QUERY
      SELECT * FROM app.patients
       WHERE clinic_id = clinic AND (birth_date = birthday OR search_text LIKE rarest)
         AND (after_id IS NULL OR (sort_name, id) > (after_name, after_id))
       ORDER BY sort_name, id LIMIT page_size;
  ELSIF rarest = '%%' THEN
    RETURN QUERY
      SELECT * FROM app.patients
       WHERE clinic_id = clinic
         AND (after_id IS NULL OR (sort_name, id) > (after_name, after_id))
       ORDER BY sort_name, id LIMIT page_size;
  ELSE
    RETURN QUERY
      SELECT * FROM app.patients
       WHERE clinic_id = clinic AND search_text LIKE rarest AND search_text LIKE ALL (patterns)
         AND (after_id IS NULL OR (sort_name, id) > (after_name, after_id))
       ORDER BY sort_name, id LIMIT page_size;
  END IF;
END $$;

ALTER TABLE app.patients ENABLE ROW LEVEL SECURITY;
CREATE POLICY read     ON app.patients FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.read')));
CREATE POLICY register ON app.patients FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('patient.write')));
CREATE POLICY correct  ON app.patients FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.write')));
GRANT SELECT ON app.patients TO assent_app;
GRANT INSERT (record_number, given_name, family_name, birth_date, sex, phone, email, preferred_language),
      UPDATE (record_number, given_name, family_name, birth_date, sex, phone, email, preferred_language) ON app.patients TO assent_app;
GRANT EXECUTE ON FUNCTION app.fold(text), app.search_patients(text, text, uuid, integer) TO assent_app;


CREATE TABLE app.representatives (
  clinic_id    uuid        NOT NULL DEFAULT app.clinic(),
  id           uuid        NOT NULL DEFAULT uuidv7(),
  patient_id   uuid        NOT NULL,
  name         text        NOT NULL,
  relationship text        NOT NULL,
  authority    text        NOT NULL,
  valid        tstzrange   NOT NULL,
  recorded_by  uuid        NOT NULL DEFAULT app.actor(),
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT representative_of_patient  FOREIGN KEY (clinic_id, patient_id)  REFERENCES app.patients (clinic_id, id),
  CONSTRAINT representative_recorded_by FOREIGN KEY (clinic_id, recorded_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT representative_period_not_empty CHECK (NOT isempty(valid)),
  CONSTRAINT representative_authority_period UNIQUE (clinic_id, id, patient_id, valid WITHOUT OVERLAPS)
);
COMMENT ON COLUMN app.representatives.authority IS 'Why this person may decide: parental responsibility, a power of attorney, a court order …';
CREATE INDEX representative_of_patient  ON app.representatives (clinic_id, patient_id);
CREATE INDEX representative_recorded_by ON app.representatives (clinic_id, recorded_by);

ALTER TABLE app.representatives ENABLE ROW LEVEL SECURITY;
CREATE POLICY read   ON app.representatives FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.read')));
CREATE POLICY record ON app.representatives FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('patient.write')));
GRANT SELECT ON app.representatives TO assent_app;
GRANT INSERT (patient_id, name, relationship, authority, valid) ON app.representatives TO assent_app;
