-- What becomes of a record that is closed: kept for as long as the clinic's policy says, held where a court may want it, erased.
-- What proves that sessions were covered by consents stays; whose they were doesn't.


-- Legal holds. While one is in force, nothing is erased. Lifted, it stays.

ALTER TABLE app.legal_holds
  ALTER clinic_id SET DEFAULT app.clinic(),
  ALTER placed_by SET DEFAULT app.actor();

CREATE FUNCTION app.place_legal_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.require_active_patient(NEW.clinic_id, NEW.patient_id);
  RETURN NEW;
END $$;
CREATE TRIGGER place BEFORE INSERT ON app.legal_holds FOR EACH ROW EXECUTE FUNCTION app.place_legal_hold();

CREATE FUNCTION app.lift_legal_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.require_active_patient(OLD.clinic_id, OLD.patient_id);
  IF OLD.lifted_at IS NOT NULL THEN
    PERFORM app.refuse('legal_hold_lifted_once', 'this legal hold is already lifted');
  END IF;
  NEW.lifted_at := clock_timestamp();
  NEW.lifted_by := app.actor();
  RETURN NEW;
END $$;
CREATE TRIGGER lift BEFORE UPDATE ON app.legal_holds FOR EACH ROW WHEN (current_user = 'assent_app') EXECUTE FUNCTION app.lift_legal_hold();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.legal_holds FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

CREATE POLICY read  ON app.legal_holds FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('legal-hold.read')));
CREATE POLICY place ON app.legal_holds FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('legal-hold.manage')));
CREATE POLICY lift  ON app.legal_holds FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('legal-hold.manage')));
GRANT SELECT, INSERT (patient_id, reason), UPDATE (lift_reason) ON app.legal_holds TO assent_app;

CREATE FUNCTION app.legal_hold_entries(clinic uuid, patient uuid)
RETURNS TABLE (subject text, subject_id text, present jsonb, entered_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT 'legal_holds', h.id::text, to_jsonb(h), NULL::timestamptz
    FROM app.legal_holds h WHERE h.clinic_id = clinic AND h.patient_id = patient;
END;

CREATE FUNCTION app.erase_legal_holds(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  WITH legal_holds AS (
    UPDATE app.legal_holds h SET reason = '[erased]', lift_reason = '[erased]'
     WHERE h.clinic_id = clinic AND h.patient_id = patient RETURNING 1)
  SELECT jsonb_build_object('legal_holds', (SELECT count(*) FROM legal_holds));
END;


-- The record of a patient. A subject that has entries about patients has two functions in its own folder, and a line for each in the two lists below:
--   app.…_entries(clinic, patient)   its rows about the patient: named as their events name them, as they are, and of when
--   app.erase_…(clinic, patient)     blanks what says who it was and what was said, and returns how many rows of which table

-- Every row of a patient's record.
CREATE FUNCTION app.entries(clinic uuid, patient uuid)
RETURNS TABLE (subject text, subject_id text, present jsonb, entered_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT * FROM app.patient_entries(clinic, patient)   UNION ALL
  SELECT * FROM app.screening_entries(clinic, patient) UNION ALL
  SELECT * FROM app.consent_entries(clinic, patient)   UNION ALL
  SELECT * FROM app.session_entries(clinic, patient)   UNION ALL
  SELECT * FROM app.legal_hold_entries(clinic, patient);
END;

CREATE FUNCTION app.erase_entries(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  SELECT app.erase_patient_names(clinic, patient)
      || app.erase_screenings(clinic, patient)
      || app.erase_consents(clinic, patient)
      || app.erase_sessions(clinic, patient)
      || app.erase_legal_holds(clinic, patient)
      || app.erase_responses(clinic, patient);
END;


-- Kept: until so many years after the last entry, and of somebody who was a minor after the 18th birthday, or that of the
-- clinic's age of majority where it is later. The day itself still counts. A legal hold is no entry.
CREATE FUNCTION app.retention_ends(patient app.patients) RETURNS date
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT (GREATEST((SELECT max(entered_at) FROM app.entries(patient.clinic_id, patient.id)),
                   app.comes_of_age(patient.birth_date, GREATEST(18, c.adult_age_years), c.time_zone)) AT TIME ZONE c.time_zone
          + make_interval(years => c.retention_years))::date + 1
    FROM app.clinics c
   WHERE c.id = patient.clinic_id;
END;

-- For those who may see the entries that it follows from.
CREATE FUNCTION app.erasable_from(patient uuid) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT app.retention_ends(p) FROM app.patients p WHERE p.clinic_id = app.clinic_for('clinical.read') AND p.id = erasable_from.patient;
END;


-- Erasure. Keys, instants, periods, regions and digests stay, so that every constraint still holds, and that session X was covered by
-- consent Y can still be shown.

-- The words of a text, folded.
CREATE FUNCTION app.words(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, app, pg_temp
RETURN array_remove(regexp_split_to_array(app.fold(value) COLLATE "pg_unicode_fast", '[^[:alnum:]]+'), '');

-- The one way to blank anything. It checks everything itself, because it runs as the owner.
CREATE FUNCTION app.erase_patient(patient uuid, reason text) RETURNS SETOF audit.erasures
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
  -- What is left is recorded as audit.record_change() would.
  SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' SET IntervalStyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
  clinic   uuid := app.clinic_for('patient.erase');
  who      app.patients;
  asking   app.asking;
  names    text[];
  counts   jsonb;
  affected integer;
  since    timestamptz;
  shown    jsonb  := '{}';
  blanked  uuid[];
  searches uuid[] := '{}';
  erasure  audit.erasures;
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'erasing a patient''s record needs the permission patient.erase';
  END IF;
  -- Every write about the patient (entries, sessions, holds) locks this row, so it is done before or waits.
  SELECT * INTO who FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF who.erased THEN
    PERFORM app.refuse('patient_erased', 'the record of this patient was erased');
  ELSIF EXISTS (SELECT FROM app.sessions s WHERE s.clinic_id = clinic AND s.patient_id = patient AND s.ended_at IS NULL) THEN
    PERFORM app.refuse('erasure_without_open_session', 'the patient has an open session');
  ELSIF who.archived_at IS NULL THEN
    PERFORM app.refuse('erasure_of_archived_patient', 'the patient isn''t archived');
  ELSIF EXISTS (SELECT FROM app.legal_holds h WHERE h.clinic_id = clinic AND h.patient_id = patient AND h.lifted_at IS NULL) THEN
    PERFORM app.refuse('erasure_without_legal_hold', 'a legal hold is in force');
  ELSIF app.today() < app.retention_ends(who) THEN
    PERFORM app.refuse('erasure_after_retention', format('the record must be kept until %s', app.retention_ends(who)));
  END IF;
  names := app.words(app.patient_names(clinic, patient));
  -- The reason stays. Short words are in any text.
  IF EXISTS (SELECT FROM unnest(app.words(reason)) AS word WHERE word = ANY (names) AND char_length(word) > 2) THEN
    PERFORM app.refuse('erasure_reason_names_nobody', 'the reason stays, and must not name the patient');
  END IF;

  -- Ends what is still in force, as long as that leaves an event as always.
  PERFORM app.outdate(ARRAY(SELECT c FROM app.consents c WHERE c.clinic_id = clinic AND c.patient_id = patient AND upper(c.in_force) > now()));

  counts := app.erase_entries(clinic, patient);

  -- What the audit trail holds of the patient: the changes above too, so that no old value outlives this transaction.
  -- What a migration wrote down of rows that existed names no patient.
  WITH gone AS (
    UPDATE audit.events e SET details = NULL, salt = NULL
     WHERE e.clinic_id = clinic AND e.patient_id = patient AND e.details IS NOT NULL
    RETURNING e.id),
  unnamed AS (
    UPDATE audit.events e SET details = NULL, salt = NULL
      FROM app.entries(clinic, patient) AS entry
     WHERE e.clinic_id = clinic AND e.patient_id IS NULL AND e.action IN ('insert', 'update') AND e.details IS NOT NULL
       AND e.subject = entry.subject AND e.subject_id = entry.subject_id
    RETURNING e.id)
  SELECT array_agg(id ORDER BY id) INTO blanked FROM (TABLE gone UNION ALL TABLE unnamed) AS both_kinds;
  -- What is left is recorded again, so that it can be compared with its events as before: that session X was covered by consent Y.
  PERFORM audit.record('update', 'success', entry.subject, entry.subject_id, patient, jsonb_build_object('new',
            (SELECT jsonb_object_agg(key, audit.compact(key, value)) FROM jsonb_each(entry.present) WHERE value <> 'null')), clinic => clinic)
     FROM app.entries(clinic, patient) AS entry;

  -- The words of searches that showed the patient, or that say a name: rather one too many. Whom they showed is recorded again,
  -- without the words. All of them take a while; only the newest are looked at again while no search is under way.
  FOREACH since IN ARRAY ARRAY['-infinity', now() - interval '1 hour']::timestamptz[] LOOP
    IF isfinite(since) THEN
      PERFORM pg_advisory_xact_lock(app.erasure_lock(clinic));
    END IF;
    WITH telling AS (
      SELECT search.id, search.occurred_at
        FROM (SELECT e.id, e.occurred_at, e.details::jsonb AS said
                FROM audit.events e
               WHERE e.clinic_id = clinic AND e.action = 'search' AND e.details IS NOT NULL AND e.occurred_at >= since
              -- Read as JSON once, not in each condition.
              OFFSET 0) AS search
       WHERE said ->> 'query' ~ '\S'
         AND (said -> 'found' ? patient::text
              OR said ->> 'query' ILIKE ANY (ARRAY['%' || who.birth_date || '%', '%' || who.email || '%'])
              OR app.words(said ->> 'query') && names)),
    gone AS (
      UPDATE audit.events e SET details = NULL, salt = NULL
        FROM telling WHERE e.id = telling.id AND e.occurred_at = telling.occurred_at
      RETURNING e.id, e.subject, old.details::jsonb -> 'found' AS showed)
    SELECT searches || array_agg(id ORDER BY id), shown || COALESCE(jsonb_object_agg(id, jsonb_build_object('subject', subject, 'found', showed)) FILTER (WHERE showed <> '[]'), '{}')
      INTO searches, shown
      FROM gone;
  END LOOP;
  PERFORM audit.record('search.redaction', 'success', value ->> 'subject', key, NULL, jsonb_build_object('found', value -> 'found'))
     FROM jsonb_each(shown);

  SELECT * INTO asking FROM app.asking;
  SELECT sum(value::integer) INTO affected FROM jsonb_each_text(counts);
  INSERT INTO audit.erasures (clinic_id, patient_id, staff_id, staff_name, staff_role, reason, rows_blanked, events_blanked, searches_blanked)
  VALUES (clinic, patient, asking.staff_id, asking.name, asking.role, erase_patient.reason,
          affected, COALESCE(cardinality(blanked), 0), cardinality(searches))
  RETURNING * INTO erasure;
  INSERT INTO audit.erased_events (clinic_id, event_id, erasure_id)
  SELECT clinic, id, erasure.id FROM unnest(blanked || searches) AS id;
  PERFORM audit.record('erasure', 'success', 'patients', patient::text, patient, jsonb_build_object(
    'erasureId', erasure.id, 'reason', erasure.reason, 'rows', counts,
    'events', erasure.events_blanked, 'searches', erasure.searches_blanked,
    'eventsSha256', (SELECT encode(sha256(convert_to(string_agg(event_id::text, ',' ORDER BY event_id), 'UTF8')), 'hex')
                       FROM audit.erased_events e WHERE e.clinic_id = clinic AND e.erasure_id = erasure.id)));
  RETURN NEXT erasure;
END $$;

CREATE POLICY read ON audit.erasures      FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
CREATE POLICY read ON audit.erased_events FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
GRANT SELECT ON audit.erasures, audit.erased_events TO assent_app;
GRANT EXECUTE ON FUNCTION app.erasable_from(uuid), app.erase_patient(uuid, text) TO assent_app;
