-- Patients, and those who may decide for them.

ALTER TABLE app.patients
  ALTER clinic_id     SET DEFAULT app.clinic(),
  ALTER registered_by SET DEFAULT app.actor();

-- The instant from which a patient decides alone: midnight in the clinic's time zone of the birthday.
CREATE FUNCTION app.comes_of_age(birth_date date, years integer, time_zone text) RETURNS timestamptz
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp
RETURN (SELECT (CASE WHEN EXTRACT(day FROM birth_date) <> EXTRACT(day FROM birthday) THEN birthday + interval '1 day' ELSE birthday END)
               AT TIME ZONE time_zone
          FROM (SELECT birth_date + make_interval(years => years) AS birthday) AS that);

CREATE FUNCTION app.write_patient() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF NEW.birth_date > app.today() THEN
    PERFORM app.refuse('patient_birth_date_not_in_future', 'the birth date lies in the future');
  ELSIF NOT (NEW.erased OR app.is_name(NEW.given_name) AND app.is_name(NEW.family_name)) THEN
    PERFORM app.refuse('patient_has_names', 'a name has no letter or digit, or holds a bidirectional control');
  END IF;
  IF TG_OP = 'UPDATE' THEN
    IF OLD.erased THEN
      PERFORM app.refuse('patient_erased', 'the record of this patient was erased');
    END IF;
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

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.patients FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'id');

-- Every write about a patient calls this first. The lock makes what is written and an archiving take turns: archive_patient() waits for
-- what is under way, and what waits for it sees that the patient is archived. Without a rule, only the erased are refused.
CREATE FUNCTION app.require_active_patient(clinic uuid, patient uuid, rule text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  who app.patients;
BEGIN
  SELECT * INTO who FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient FOR KEY SHARE;
  IF who.erased THEN
    PERFORM app.refuse('patient_erased', 'the record of this patient was erased');
  ELSIF who.archived_at IS NOT NULL AND rule IS NOT NULL THEN
    PERFORM app.refuse(rule, 'the patient is archived');
  END IF;
END $$;

-- An archiving changes what a correction would start from, hence the version.
CREATE FUNCTION app.archive_patient(patient uuid, reason text) RETURNS SETOF app.patients
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('patient.archive');
  who    app.patients;
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'archiving a patient needs the permission patient.archive';
  END IF;
  SELECT * INTO who FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF who.erased THEN
    PERFORM app.refuse('patient_erased', 'the record of this patient was erased');
  ELSIF who.archived_at IS NOT NULL THEN
    PERFORM app.refuse('patient_archived_once', 'this patient is already archived');
  ELSIF EXISTS (SELECT FROM app.sessions s WHERE s.clinic_id = clinic AND s.patient_id = patient AND s.ended_at IS NULL) THEN
    PERFORM app.refuse('archived_without_open_session', 'the patient has an open session');
  END IF;
  RETURN QUERY
    UPDATE app.patients p
       SET archived_at = clock_timestamp(), archived_by = app.actor(), archive_reason = reason, version = p.version + 1
     WHERE p.clinic_id = clinic AND p.id = patient RETURNING p.*;
END $$;

CREATE FUNCTION app.restore_patient(patient uuid) RETURNS SETOF app.patients
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('patient.archive');
  who    app.patients;
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'restoring a patient needs the permission patient.archive';
  END IF;
  SELECT * INTO who FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF who.erased THEN
    PERFORM app.refuse('patient_erased', 'the record of this patient was erased');
  ELSIF who.archived_at IS NULL THEN
    PERFORM app.refuse('patient_restored_from_archive', 'this patient isn''t archived');
  END IF;
  RETURN QUERY
    UPDATE app.patients p SET archived_at = NULL, archived_by = NULL, archive_reason = NULL, version = p.version + 1
     WHERE p.clinic_id = clinic AND p.id = patient RETURNING p.*;
END $$;

CREATE FUNCTION app.erasure_lock(clinic uuid) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN hashtextextended('erasure in ' || clinic, 0);

-- Search by any part of name or record number, every word of the query in any order, or by birth date; keyset pages by
-- name. A definer function, because LIKE isn't leakproof: under row-level security it would ignore the index.
CREATE FUNCTION app.search_patients(query text, after_name text, after_id uuid, page_size integer, with_archived boolean DEFAULT false)
RETURNS SETOF app.patients
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, extensions, pg_temp
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
  -- Takes turns with an erasure: what is asked here is in the record before it, or finds nothing after it.
  PERFORM pg_advisory_xact_lock_shared(app.erasure_lock(clinic));
  IF birthday IS NOT NULL THEN
    RETURN QUERY
      SELECT * FROM app.patients
       WHERE clinic_id = clinic AND NOT erased AND (with_archived OR archived_at IS NULL)
         AND (birth_date = birthday OR search_text LIKE rarest)
         AND (after_id IS NULL OR (sort_name, id) > (after_name, after_id))
       ORDER BY sort_name, id LIMIT page_size;
  ELSIF rarest = '%%' THEN
    RETURN QUERY
      SELECT * FROM app.patients
       WHERE clinic_id = clinic AND NOT erased AND (with_archived OR archived_at IS NULL)
         AND (after_id IS NULL OR (sort_name, id) > (after_name, after_id))
       ORDER BY sort_name, id LIMIT page_size;
  ELSE
    RETURN QUERY
      SELECT * FROM app.patients
       WHERE clinic_id = clinic AND NOT erased AND (with_archived OR archived_at IS NULL)
         AND search_text LIKE rarest AND search_text LIKE ALL (patterns)
         AND (after_id IS NULL OR (sort_name, id) > (after_name, after_id))
       ORDER BY sort_name, id LIMIT page_size;
  END IF;
END $$;

CREATE POLICY read     ON app.patients FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.read')));
CREATE POLICY register ON app.patients FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('patient.write')));
CREATE POLICY correct  ON app.patients FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.write')));
GRANT SELECT ON app.patients TO assent_app;
GRANT INSERT (record_number, given_name, family_name, birth_date, sex, phone, email, preferred_language),
      UPDATE (record_number, given_name, family_name, birth_date, sex, phone, email, preferred_language) ON app.patients TO assent_app;
GRANT EXECUTE ON FUNCTION app.fold(text), app.archive_patient(uuid, text), app.restore_patient(uuid),
                          app.search_patients(text, text, uuid, integer, boolean) TO assent_app;


-- Representatives. Their authority can end before its time: the patient regains capacity, a power of attorney is revoked, a court
-- discharges its order.

ALTER TABLE app.representatives
  ALTER clinic_id   SET DEFAULT app.clinic(),
  ALTER recorded_by SET DEFAULT app.actor();

CREATE FUNCTION app.record_representative() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.require_active_patient(NEW.clinic_id, NEW.patient_id);
  IF NOT app.is_name(NEW.name) THEN
    PERFORM app.refuse('representative_has_name', 'a representative needs a name');
  END IF;
  IF NOT app.has_words(NEW.authority) THEN
    PERFORM app.refuse('representative_has_authority', 'a representative needs an authority');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER record BEFORE INSERT ON app.representatives FOR EACH ROW EXECUTE FUNCTION app.record_representative();

-- The application may set why. That closes the authority at the server's instant, once and permanently, and with it the consent in force
-- that this representative gave. An authority can be ended while the patient is archived, as a consent can be withdrawn.
CREATE FUNCTION app.end_authority() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.require_active_patient(OLD.clinic_id, OLD.patient_id);
  IF OLD.ended_at IS NOT NULL THEN
    PERFORM app.refuse('authority_ended_once', 'this authority has already been ended');
  END IF;
  -- Locks, in the order of app.decide: the patient, so that a decision that is under way is seen, and a later one sees the end;
  -- the consent, against a session that starts; then this row against a withdrawal that names the representative. Until then the
  -- UPDATE itself holds it only so that a key may still refer to it, and nobody waits for us who has what we wait for.
  PERFORM FROM app.patients p WHERE p.clinic_id = OLD.clinic_id AND p.id = OLD.patient_id FOR NO KEY UPDATE;
  PERFORM FROM app.consents c WHERE c.clinic_id = OLD.clinic_id AND c.representative_id = OLD.id AND upper(c.in_force) > now() FOR UPDATE;
  PERFORM FROM app.representatives r WHERE r.clinic_id = OLD.clinic_id AND r.id = OLD.id FOR UPDATE;
  NEW.ended_at := clock_timestamp();
  IF upper(OLD.valid) <= NEW.ended_at THEN
    PERFORM app.refuse('end_of_authority_not_over', 'this authority is over already');
  END IF;
  NEW.ended_by := app.actor();
  NEW.valid    := CASE WHEN lower(OLD.valid) >= NEW.ended_at THEN NULL
                       ELSE OLD.valid * tstzrange(NULL, NEW.ended_at) END;
  UPDATE app.consents c SET in_force = tstzrange(lower(c.in_force), NEW.ended_at), ended_because = 'unrepresented'
   WHERE c.clinic_id = OLD.clinic_id AND c.representative_id = OLD.id AND upper(c.in_force) > NEW.ended_at;
  RETURN NEW;
END $$;
CREATE TRIGGER "end" BEFORE UPDATE ON app.representatives FOR EACH ROW WHEN (current_user = 'assent_app') EXECUTE FUNCTION app.end_authority();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.representatives FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

CREATE POLICY read   ON app.representatives FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.read')));
CREATE POLICY record ON app.representatives FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('patient.write')));
CREATE POLICY "end"  ON app.representatives FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('patient.write')));
GRANT SELECT ON app.representatives TO assent_app;
GRANT INSERT (patient_id, name, relationship, authority, valid), UPDATE (end_reason, end_note) ON app.representatives TO assent_app;


-- For src/retention/retention.sql.

CREATE FUNCTION app.patient_entries(clinic uuid, patient uuid) RETURNS TABLE (subject text, subject_id text, present jsonb, entered_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT 'patients', p.id::text, to_jsonb(p) - '{sort_name,search_text}'::text[], p.registered_at
    FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient
   UNION ALL
  SELECT 'representatives', r.id::text, to_jsonb(r), GREATEST(r.recorded_at, r.ended_at)
    FROM app.representatives r WHERE r.clinic_id = clinic AND r.patient_id = patient;
END;

-- What may identify the patient in a text.
CREATE FUNCTION app.patient_names(clinic uuid, patient uuid) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT concat_ws(' ', p.given_name, p.family_name, p.record_number,
                   (SELECT string_agg(r.name, ' ') FROM app.representatives r WHERE r.clinic_id = p.clinic_id AND r.patient_id = p.id))
    FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient;
END;

CREATE FUNCTION app.erase_patient_names(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  WITH patients AS (
    UPDATE app.patients p
       SET erased = true, record_number = id, given_name = '[erased]', family_name = '[erased]', birth_date = '1900-01-01', sex = 'unknown',
           phone = NULL, email = NULL, preferred_language = NULL
     WHERE p.clinic_id = clinic AND p.id = patient RETURNING 1),
  representatives AS (
    UPDATE app.representatives r
       SET name = '[erased]', relationship = '[erased]', authority = '[erased]',
           end_note = CASE WHEN end_note IS NOT NULL THEN '[erased]' END
     WHERE r.clinic_id = clinic AND r.patient_id = patient RETURNING 1)
  SELECT jsonb_build_object('patients', (SELECT count(*) FROM patients), 'representatives', (SELECT count(*) FROM representatives));
END;
