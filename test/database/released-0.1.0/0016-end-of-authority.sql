-- A representative's authority can end before its time: the patient regains capacity, a power of attorney is revoked, a court
-- discharges its order. A known end already limits what the representative consents to; so does this one, from its instant on.

ALTER TABLE app.representatives
  -- NULL: ended before it began.
  ALTER COLUMN valid DROP NOT NULL,
  ADD COLUMN ended_at   timestamptz,
  ADD COLUMN ended_by   uuid,
  ADD COLUMN end_reason text,
  ADD COLUMN end_note   text,
  ADD CONSTRAINT representative_ended_by         FOREIGN KEY (clinic_id, ended_by) REFERENCES app.staff (clinic_id, id),
  ADD CONSTRAINT representative_valid_or_ended   CHECK (valid IS NOT NULL OR ended_at IS NOT NULL),
  ADD CONSTRAINT representative_end_whole        CHECK (num_nulls(ended_at, ended_by, end_reason) IN (0, 3) AND (end_note IS NULL OR ended_at IS NOT NULL)),
  ADD CONSTRAINT representative_end_reason_known CHECK (end_reason IN ('capacity_regained', 'came_of_age', 'revoked', 'discharged', 'died', 'recorded_in_error'));
CREATE INDEX representative_ended_by ON app.representatives (clinic_id, ended_by) WHERE ended_by IS NOT NULL;
COMMENT ON COLUMN app.representatives.end_reason IS 'revoked: taken back or given up. discharged: by a court or public body. died: the representative.';

ALTER TABLE app.consents
  DROP CONSTRAINT consent_ended_known,
  ADD CONSTRAINT consent_ended_known CHECK (ended_because IN ('withdrawn', 'replaced', 'outdated', 'unrepresented'));

-- The application may set why. That closes the authority at the server's instant, once, for good, and with it the consent in force
-- that this representative gave.
CREATE FUNCTION app.end_authority() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  -- The erasure blanks the note; app.require_active_patient() lets nobody else.
  IF (SELECT erased FROM app.patients p WHERE p.clinic_id = OLD.clinic_id AND p.id = OLD.patient_id) THEN
    RETURN NEW;
  END IF;
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
CREATE TRIGGER "end" BEFORE UPDATE OF end_reason, end_note ON app.representatives FOR EACH ROW EXECUTE FUNCTION app.end_authority();
-- An authority can be ended while the patient is archived, as a consent can be withdrawn. This comes first by its name.
CREATE TRIGGER active_still BEFORE UPDATE ON app.representatives FOR EACH ROW WHEN (current_user = 'assent_app')
  EXECUTE FUNCTION app.require_active_patient('directly');

CREATE POLICY "end" ON app.representatives FOR UPDATE TO assent_app USING (clinic_id = (SELECT app.clinic_for('patient.write')));
GRANT UPDATE (end_reason, end_note) ON app.representatives TO assent_app;


-- As before, and told by what ended the consent.
CREATE OR REPLACE FUNCTION app.manipulate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  session app.sessions;
  over    text;
BEGIN
  -- The lock makes a manipulation and the session's end take turns.
  SELECT * INTO session FROM app.sessions s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.session_id FOR SHARE;
  IF session.id IS NULL THEN
    PERFORM app.refuse('manipulation_in_session', 'there is no such session');
  END IF;
  IF session.practitioner_id IS DISTINCT FROM app.actor() THEN
    PERFORM app.refuse('manipulation_by_the_practitioner', 'only the practitioner who started a session records manipulations in it');
  END IF;
  IF session.ended_at IS NOT NULL THEN
    PERFORM app.refuse('manipulation_in_open_session', 'this session has ended');
  END IF;
  NEW.patient_id      := session.patient_id;
  NEW.practitioner_id := session.practitioner_id;
  NEW.licence_id      := session.licence_id;
  NEW.screening_id    := session.screening_id;
  NEW.consent_id      := session.consent_id;
  NEW.performed_at    := app.lock_permits(NEW.clinic_id, NEW.licence_id, NEW.screening_id, NEW.consent_id);

  -- What somebody ended during the session is told by what ended it. The keys refuse it too, and whatever else is over.
  SELECT CASE WHEN l.revoked_at IS NOT NULL                   THEN 'manipulation_after_revocation'
              WHEN c.ended_because = 'withdrawn'              THEN 'manipulation_after_withdrawal'
              WHEN c.ended_because = 'replaced'               THEN 'manipulation_after_newer_decision'
              WHEN c.ended_because = 'outdated'               THEN 'manipulation_with_outdated_consent'
              WHEN c.ended_because = 'unrepresented'          THEN 'manipulation_after_authority'
              WHEN p.latest_screening_id <> NEW.screening_id  THEN 'manipulation_after_newer_screening' END
    INTO over
    FROM app.licences l, app.consents c, app.patients p
   WHERE l.clinic_id = NEW.clinic_id AND l.id = NEW.licence_id
     AND c.clinic_id = NEW.clinic_id AND c.id = NEW.consent_id
     AND p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
  IF over IS NOT NULL THEN
    PERFORM app.refuse(over, 'what permitted this session has ended');
  END IF;
  RETURN NEW;
END $$;

-- As before, and counts the end of an authority among the entries.
CREATE OR REPLACE FUNCTION app.retention_ends(patient app.patients) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT (GREATEST(entries.latest, app.comes_of_age(patient.birth_date, GREATEST(18, c.adult_age_years), c.time_zone)) AT TIME ZONE c.time_zone
          + make_interval(years => c.retention_years))::date + 1
    FROM app.clinics c,
         LATERAL (SELECT max(instant) AS latest
                    FROM (SELECT patient.registered_at AS instant
                          UNION ALL SELECT GREATEST(r.recorded_at, r.ended_at) FROM app.representatives r WHERE r.clinic_id = c.id AND r.patient_id = patient.id
                          UNION ALL SELECT s.performed_at FROM app.screenings s WHERE s.clinic_id = c.id AND s.patient_id = patient.id
                          UNION ALL SELECT a.approved_at FROM app.screening_approvals a JOIN app.screenings s ON s.clinic_id = a.clinic_id AND s.id = a.screening_id
                                     WHERE s.clinic_id = c.id AND s.patient_id = patient.id
                          UNION ALL SELECT d.opened_at FROM app.discussions d WHERE d.clinic_id = c.id AND d.patient_id = patient.id
                          UNION ALL SELECT t.discussed_at FROM app.discussed_risks t JOIN app.discussions d ON d.clinic_id = t.clinic_id AND d.id = t.discussion_id
                                     WHERE d.clinic_id = c.id AND d.patient_id = patient.id
                          UNION ALL SELECT GREATEST(k.decided_at, k.withdrawn_at) FROM app.consents k WHERE k.clinic_id = c.id AND k.patient_id = patient.id
                          UNION ALL SELECT GREATEST(s.started_at, s.ended_at) FROM app.sessions s WHERE s.clinic_id = c.id AND s.patient_id = patient.id
                          UNION ALL SELECT m.performed_at FROM app.manipulations m JOIN app.sessions s ON s.clinic_id = m.clinic_id AND s.id = m.session_id
                                     WHERE s.clinic_id = c.id AND s.patient_id = patient.id) AS entry) AS entries
   WHERE c.id = patient.clinic_id;
END;

-- As before, and blanks the note.
CREATE OR REPLACE FUNCTION app.erase_patient(patient uuid, reason text) RETURNS SETOF audit.erasures
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic   uuid := app.clinic_for('patient.erase');
  who      app.patients;
  asking   app.asking;
  names    text[];
  counts   jsonb := '{}';
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
  -- Whoever writes about the patient holds this row against us, or waits for us: entries, sessions, holds.
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
  names := app.words(concat_ws(' ', who.given_name, who.family_name, who.record_number,
                               (SELECT string_agg(r.name, ' ') FROM app.representatives r WHERE r.clinic_id = clinic AND r.patient_id = patient)));
  -- The reason stays. Short words are in any text.
  IF EXISTS (SELECT FROM unnest(app.words(reason)) AS word WHERE word = ANY (names) AND char_length(word) > 2) THEN
    PERFORM app.refuse('erasure_reason_names_nobody', 'the reason stays, and must not name the patient');
  END IF;

  -- Ends what is still in force, as long as that leaves an event as always.
  PERFORM app.outdate(ARRAY(SELECT c FROM app.consents c WHERE c.clinic_id = clinic AND c.patient_id = patient AND upper(c.in_force) > now()));

  -- First, because the triggers of the rest ask whether the patient is erased.
  UPDATE app.patients p
     SET erased = true, record_number = id, given_name = '[erased]', family_name = '[erased]', birth_date = '1900-01-01', sex = 'unknown',
         phone = NULL, email = NULL, preferred_language = NULL
   WHERE p.clinic_id = clinic AND p.id = patient;
  counts := counts || jsonb_build_object('patients', 1);

  UPDATE app.representatives r
     SET name = '[erased]', relationship = '[erased]', authority = '[erased]',
         end_note = CASE WHEN end_note IS NOT NULL THEN '[erased]' END
   WHERE r.clinic_id = clinic AND r.patient_id = patient;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('representatives', affected);

  -- Which regions were cleared, when, and which risks had to be discussed, stays: sessions and consents rest on it.
  UPDATE app.screenings s SET answers = '[]', findings = '[]', advice = NULL
   WHERE s.clinic_id = clinic AND s.patient_id = patient;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('screenings', affected);

  UPDATE app.screening_approvals a SET reason = '[erased]' FROM app.screenings s
   WHERE s.clinic_id = clinic AND s.patient_id = patient AND a.clinic_id = clinic AND a.screening_id = s.id;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('screening_approvals', affected);

  UPDATE app.discussions d SET aim = '[erased]', interpreter = NULL
   WHERE d.clinic_id = clinic AND d.patient_id = patient;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('discussions', affected);

  UPDATE app.discussed_risks t SET question = NULL, answer = NULL FROM app.discussions d
   WHERE d.clinic_id = clinic AND d.patient_id = patient AND t.clinic_id = clinic AND t.discussion_id = d.id;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('discussed_risks', affected);

  -- The digest of a typed signature could be guessed from a name.
  UPDATE app.consents c
     SET teach_back        = CASE WHEN teach_back        IS NOT NULL THEN '[erased]' END,
         signature         = CASE WHEN signature         IS NOT NULL THEN '{"name": "[erased]", "strokes": []}'::jsonb END,
         withdrawal_reason = CASE WHEN withdrawal_reason IS NOT NULL THEN '[erased]' END,
         witness = NULL, signed_sha256 = NULL
   WHERE c.clinic_id = clinic AND c.patient_id = patient;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('consents', affected);

  UPDATE app.manipulations m SET response = NULL
   WHERE m.clinic_id = clinic AND m.patient_id = patient;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('manipulations', affected);

  UPDATE app.legal_holds h SET reason = '[erased]', lift_reason = '[erased]'
   WHERE h.clinic_id = clinic AND h.patient_id = patient;
  GET DIAGNOSTICS affected = ROW_COUNT;
  counts := counts || jsonb_build_object('legal_holds', affected);

  -- Answers that are kept to be repeated, see the next migration. That the requests were done stays known.
  UPDATE app.kept_answers k SET status = NULL, headers = NULL, body = NULL
   WHERE k.clinic_id = clinic AND k.body LIKE '%' || patient || '%';

  -- What the record holds of the patient: the changes above too, so that no old value outlives this transaction.
  -- What a migration wrote down of rows that existed names no patient.
  WITH gone AS (
    UPDATE audit.events e SET details = NULL, salt = NULL
     WHERE e.clinic_id = clinic AND e.patient_id = patient AND e.details IS NOT NULL
    RETURNING e.id),
  unnamed AS (
    UPDATE audit.events e SET details = NULL, salt = NULL
      FROM audit.rows_of(clinic, patient) AS entry
     WHERE e.clinic_id = clinic AND e.patient_id IS NULL AND e.action IN ('insert', 'update') AND e.details IS NOT NULL
       AND e.subject = entry.subject AND e.subject_id = entry.subject_id
    RETURNING e.id)
  SELECT array_agg(id ORDER BY id) INTO blanked FROM (TABLE gone UNION ALL TABLE unnamed) AS both_kinds;
  -- What is left is recorded anew, so that it can be compared with its events as before: that session X was covered by consent Y.
  PERFORM audit.record('update', 'success', entry.subject, entry.subject_id, patient, jsonb_build_object('new',
            (SELECT jsonb_object_agg(key, audit.compact(key, value)) FROM jsonb_each(entry.present) WHERE value <> 'null')), clinic => clinic)
     FROM audit.rows_of(clinic, patient) AS entry;

  -- The words of searches that showed the patient, or that say a name: rather one too many. Whom they showed is recorded anew,
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
      RETURNING e.id, old.details::jsonb -> 'found' AS showed)
    SELECT searches || array_agg(id ORDER BY id), shown || COALESCE(jsonb_object_agg(id, showed) FILTER (WHERE showed <> '[]'), '{}')
      INTO searches, shown
      FROM gone;
  END LOOP;
  PERFORM audit.record('search.redaction', 'success', 'findPatients', key, NULL, jsonb_build_object('found', value))
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
