-- Sessions: the gate. The keys of app.sessions see to it that at the instant of the start the practitioner's licence was valid, the
-- patient's screening cleared, and a consent was in force; app.start_session(), that every risk had been discussed before that consent.

ALTER TABLE app.sessions
  ALTER clinic_id       SET DEFAULT app.clinic(),
  ALTER practitioner_id SET DEFAULT app.actor();

-- What permits is locked against being ended, and only then the clock is read: a withdrawal that was acknowledged while we
-- waited lies before the start, and the keys refuse.
CREATE FUNCTION app.lock_permits(clinic uuid, licence uuid, screening uuid, consent uuid) RETURNS timestamptz
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM FROM app.licences   WHERE clinic_id = clinic AND id = licence   FOR KEY SHARE;
  PERFORM FROM app.screenings WHERE clinic_id = clinic AND id = screening FOR KEY SHARE;
  PERFORM FROM app.consents   WHERE clinic_id = clinic AND id = consent   FOR KEY SHARE;
  RETURN clock_timestamp();
END $$;

CREATE FUNCTION app.start_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  undiscussed text[];
  rule        text;
BEGIN
  PERFORM app.require_active_patient(NEW.clinic_id, NEW.patient_id, 'session_of_archived_patient');

  -- Of a consent that doesn't exist or was refused nothing is copied, and the keys say what is wrong.
  SELECT COALESCE(c.regions, '{}'), disclosure.version
    INTO NEW.consented_regions, NEW.disclosure_version
    FROM app.consents    c
    JOIN app.discussions d          ON d.clinic_id          = c.clinic_id AND d.id          = c.discussion_id
    JOIN app.disclosures disclosure ON disclosure.clinic_id = d.clinic_id AND disclosure.id = d.disclosure_id
   WHERE c.clinic_id = NEW.clinic_id AND c.id = NEW.consent_id;
  NEW.consented_regions  := COALESCE(NEW.consented_regions, '{}');
  NEW.disclosure_version := COALESCE(NEW.disclosure_version, 0);

  NEW.started_at := app.lock_permits(NEW.clinic_id, NEW.licence_id, NEW.screening_id, NEW.consent_id);
  undiscussed    := app.undiscussed_risks(NEW.clinic_id, NEW.screening_id, NEW.consent_id);
  IF cardinality(undiscussed) > 0 THEN
    PERFORM app.refuse('session_needs_every_risk_discussed', 'not every risk was discussed before the consent', to_jsonb(undiscussed));
  END IF;
  -- A recorded end counts whatever the clock says, which may have been set back to before it.
  SELECT CASE WHEN l.revoked_at    IS NOT NULL                                  THEN 'session_needs_licence'
              WHEN s.ended_because IS NOT NULL OR p.latest_screening_id <> s.id THEN 'session_needs_screening'
              WHEN c.ended_because IS NOT NULL OR p.latest_consent_id   <> c.id THEN 'session_needs_consent'
              WHEN s.unlicensed                                                 THEN 'session_needs_licensed_screening'
              WHEN c.unlicensed                                                 THEN 'session_needs_licensed_discussion' END
    INTO rule
    FROM app.patients p, app.licences l, app.screenings s, app.consents c
   WHERE p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id
     AND l.clinic_id = NEW.clinic_id AND l.id = NEW.licence_id
     AND s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id
     AND c.clinic_id = NEW.clinic_id AND c.id = NEW.consent_id;
  IF rule IS NOT NULL THEN
    PERFORM app.refuse(rule, 'what the session rests on has ended, or was recorded without a valid licence');
  END IF;
  IF NOT EXISTS (SELECT FROM app.consent_scope s JOIN app.screening_regions r ON r.clinic_id = s.clinic_id AND r.region = s.region
                  WHERE s.clinic_id = NEW.clinic_id AND s.consent_id = NEW.consent_id AND r.screening_id = NEW.screening_id) THEN
    PERFORM app.refuse('session_needs_a_region', 'no region is both cleared and consented to');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER start BEFORE INSERT ON app.sessions FOR EACH ROW EXECUTE FUNCTION app.start_session();

CREATE FUNCTION app.end_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    PERFORM app.refuse('session_ended_once', 'this session has already ended');
  END IF;
  NEW.ended_at := clock_timestamp();
  NEW.ended_by := app.actor();
  RETURN NEW;
END $$;
CREATE TRIGGER "end" BEFORE UPDATE ON app.sessions FOR EACH ROW EXECUTE FUNCTION app.end_session();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.sessions FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

CREATE POLICY read   ON app.sessions FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY start  ON app.sessions FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('session.record')));
CREATE POLICY finish ON app.sessions FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('session.record')));
GRANT SELECT, INSERT (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents), UPDATE (ended_at) ON app.sessions TO assent_app;


-- Whether the person who asks may start a session with a patient now, and if not, why. The answer is advice for people;
-- the keys of app.sessions decide. No row: no such patient in this clinic.
CREATE FUNCTION app.clearance(patient uuid)
RETURNS TABLE (
  allowed             boolean,
  blockers            text[],
  licence_id          uuid, licence_state   text, licence_since   timestamptz, licence_until   timestamptz,
  screening_id        uuid, screening_state text, screening_since timestamptz, screening_until timestamptz,
  consent_id          uuid, consent_state   text, consent_since   timestamptz, consent_until   timestamptz,
  open_session_id     uuid,
  cleared_regions     text[],
  consented_regions   text[],
  consented_techniques text[],
  undiscussed_risks   text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic    uuid        := app.clinic_for('clinical.read');
  me        uuid        := app.actor();
  at        timestamptz := clock_timestamp();
  who       app.patients;
  licence   app.licences;
  screening app.screenings;
  consent   app.consents;
BEGIN
  SELECT * INTO who FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient;
  IF who.id IS NULL THEN
    RETURN;
  END IF;
  SELECT * INTO licence   FROM app.licences l WHERE l.clinic_id = clinic AND l.practitioner_id = me
   ORDER BY COALESCE(l.valid @> at AND l.revoked_at IS NULL, false) DESC, upper(l.valid) DESC NULLS LAST LIMIT 1;
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = clinic AND s.id = who.latest_screening_id;
  SELECT * INTO consent   FROM app.consents   c WHERE c.clinic_id = clinic AND c.id = who.latest_consent_id;
  SELECT s.id INTO open_session_id FROM app.sessions s WHERE s.clinic_id = clinic AND s.patient_id = patient AND s.ended_at IS NULL;

  licence_id    := licence.id;
  licence_since := lower(licence.valid);
  licence_until := upper(licence.valid);
  licence_state := app.licence_state(licence, at);

  screening_id    := screening.id;
  screening_since := lower(screening.clears);
  screening_until := upper(screening.clears);
  screening_state := app.screening_state(screening, at);
  cleared_regions := COALESCE(screening.cleared_regions, '{}');

  consent_id    := consent.id;
  consent_since := lower(consent.in_force);
  consent_until := upper(consent.in_force);
  consent_state := app.consent_state(consent, at);
  -- A consent in force has none; asking again would cost each start.
  undiscussed_risks := CASE WHEN consent_state = 'in_force' THEN '{}' ELSE app.undiscussed_risks(clinic, screening.id, consent.id) END;
  SELECT COALESCE(array_agg(DISTINCT s.region), '{}'), COALESCE(array_agg(DISTINCT s.technique), '{}')
    INTO consented_regions, consented_techniques
    FROM app.consent_scope s WHERE s.clinic_id = clinic AND s.consent_id = consent.id;

  blockers := ARRAY(
    SELECT blocker FROM unnest(ARRAY[
      CASE WHEN who.erased THEN 'patient.erased' WHEN who.archived_at IS NOT NULL THEN 'patient.archived' END,
      CASE WHEN licence_state <> 'valid' THEN 'licence.' || licence_state END,
      CASE WHEN screening_state NOT LIKE 'cleared%' THEN 'screening.' || screening_state END,
      CASE consent_state WHEN 'in_force' THEN NULL WHEN 'unlicensed' THEN 'discussion.unlicensed' ELSE 'consent.' || consent_state END,
      CASE WHEN screening_state LIKE 'cleared%' AND consent_state = 'in_force' AND NOT consented_regions && cleared_regions THEN 'scope.none' END,
      CASE WHEN open_session_id IS NOT NULL THEN 'session.already-open' END]) AS blocker
     WHERE blocker IS NOT NULL);
  allowed := cardinality(blockers) = 0;
  RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION app.clearance(uuid) TO assent_app;


-- Manipulations.

ALTER TABLE app.manipulations ALTER clinic_id SET DEFAULT app.clinic();

-- The rule by which a session permits no further manipulation, wherever it is; NULL: none. First what somebody did, then what ran out
-- (keys of app.manipulations), then what was recorded without a licence.
CREATE FUNCTION app.session_over(session app.sessions, at timestamptz DEFAULT clock_timestamp()) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT CASE WHEN session.ended_at IS NOT NULL                  THEN 'manipulation_in_open_session'
              WHEN l.revoked_at IS NOT NULL                      THEN 'manipulation_after_revocation'
              WHEN c.ended_because = 'withdrawn'                 THEN 'manipulation_after_withdrawal'
              WHEN c.ended_because = 'doubted'                   THEN 'manipulation_after_doubt'
              WHEN s.ended_because = 'change_reported'           THEN 'manipulation_after_reported_change'
              WHEN c.ended_because = 'replaced'                  THEN 'manipulation_after_newer_decision'
              WHEN c.ended_because = 'outdated'                  THEN 'manipulation_with_outdated_consent'
              WHEN c.ended_because = 'unrepresented'             THEN 'manipulation_after_authority'
              WHEN p.latest_screening_id <> session.screening_id THEN 'manipulation_after_newer_screening'
              WHEN NOT COALESCE(l.valid    @> at, false)         THEN 'manipulation_needs_licence'
              WHEN NOT COALESCE(s.clears   @> at, false)         THEN 'manipulation_needs_screening'
              WHEN NOT COALESCE(c.in_force @> at, false)         THEN 'manipulation_needs_consent'
              WHEN s.unlicensed                                  THEN 'manipulation_needs_licensed_screening'
              WHEN c.unlicensed                                  THEN 'manipulation_needs_licensed_discussion' END
    FROM app.licences l, app.screenings s, app.consents c, app.patients p
   WHERE l.clinic_id = session.clinic_id AND l.id = session.licence_id
     AND s.clinic_id = session.clinic_id AND s.id = session.screening_id
     AND c.clinic_id = session.clinic_id AND c.id = session.consent_id
     AND p.clinic_id = session.clinic_id AND p.id = session.patient_id;
END;
GRANT EXECUTE ON FUNCTION app.session_over(app.sessions, timestamptz) TO assent_app;

CREATE FUNCTION app.manipulate() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  session app.sessions;
  rule    text;
BEGIN
  -- The lock makes a manipulation and the session's end take turns.
  SELECT * INTO session FROM app.sessions s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.session_id FOR SHARE;
  IF session.id IS NULL THEN
    PERFORM app.refuse('manipulation_in_session', 'there is no such session');
  END IF;
  IF session.practitioner_id IS DISTINCT FROM app.actor() THEN
    PERFORM app.refuse('manipulation_by_the_practitioner', 'only the practitioner who started a session records manipulations in it');
  END IF;
  NEW.patient_id      := session.patient_id;
  NEW.practitioner_id := session.practitioner_id;
  NEW.licence_id      := session.licence_id;
  NEW.screening_id    := session.screening_id;
  NEW.consent_id      := session.consent_id;
  NEW.performed_at    := app.lock_permits(NEW.clinic_id, NEW.licence_id, NEW.screening_id, NEW.consent_id);
  rule                := app.session_over(session, NEW.performed_at);
  IF rule IS NOT NULL THEN
    PERFORM app.refuse(rule, 'this session permits no manipulation any more');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER manipulate BEFORE INSERT ON app.manipulations FOR EACH ROW EXECUTE FUNCTION app.manipulate();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.manipulations FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

CREATE POLICY read   ON app.manipulations FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record ON app.manipulations FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('session.record')));
GRANT SELECT ON app.segments, app.manipulations TO assent_app;
GRANT INSERT (session_id, region, segment, technique, side, response) ON app.manipulations TO assent_app;


-- What patients report when a session is about to start. It ends the permit that it is about, and stays: only a new screening or a new
-- decision permits a session again.

ALTER TABLE app.patient_reports
  ALTER clinic_id   SET DEFAULT app.clinic(),
  ALTER recorded_by SET DEFAULT app.actor();

CREATE FUNCTION app.report() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  patient app.patients;
BEGIN
  IF NOT app.has_words(NEW.words) THEN
    PERFORM app.refuse('patient_report_has_words', 'a report says what the patient said');
  END IF;
  PERFORM app.require_active_patient(NEW.clinic_id, NEW.patient_id, 'patient_archived');
  -- Takes turns with a screening, a decision and another report. The permit's row is locked before the clock is read: a session that started
  -- while we waited lies before the end.
  SELECT * INTO patient FROM app.patients p WHERE p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id FOR NO KEY UPDATE;
  IF patient.id IS NULL THEN
    PERFORM app.refuse('patient_report_of_patient', 'there is no such patient');
  END IF;
  IF NEW.kind = 'change' THEN
    PERFORM FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = patient.latest_screening_id FOR UPDATE;
  ELSE
    PERFORM FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.id = patient.latest_consent_id FOR UPDATE;
  END IF;
  NEW.reported_at     := clock_timestamp();
  NEW.patient_version := patient.version;
  -- A request that was sent again, about the same permit.
  IF EXISTS (SELECT FROM app.patient_reports r
              WHERE r.clinic_id = NEW.clinic_id AND r.patient_id = NEW.patient_id AND r.reported_at > NEW.reported_at - interval '10 minutes'
                AND r.kind = NEW.kind AND r.recorded_by = NEW.recorded_by AND r.words = NEW.words AND r.retracted_at IS NULL
                AND r.reported_at > COALESCE(CASE NEW.kind
                      WHEN 'change' THEN (SELECT s.performed_at FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = patient.latest_screening_id)
                      ELSE (SELECT c.decided_at FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.id = patient.latest_consent_id) END, '-infinity')) THEN
    RETURN NULL;
  END IF;
  IF NEW.kind = 'change' THEN
    UPDATE app.screenings s
       SET ended_because = 'change_reported',
           clears        = CASE WHEN upper(s.clears) > NEW.reported_at THEN app.ended_at(s.clears, NEW.reported_at) ELSE s.clears END
     WHERE s.clinic_id = NEW.clinic_id AND s.id = patient.latest_screening_id AND s.ended_because IS NULL
    RETURNING WITH (OLD AS before) s.id, CASE WHEN upper(before.clears) > NEW.reported_at THEN upper(before.clears) END INTO NEW.screening_id, NEW.until;
  ELSE
    UPDATE app.consents c
       SET ended_because = 'doubted', in_force = app.ended_at(c.in_force, NEW.reported_at)
     WHERE c.clinic_id = NEW.clinic_id AND c.id = patient.latest_consent_id AND c.ended_because IS NULL AND upper(c.in_force) > NEW.reported_at
    RETURNING WITH (OLD AS before) c.id, upper(before.in_force) INTO NEW.consent_id, NEW.until;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER report BEFORE INSERT ON app.patient_reports FOR EACH ROW EXECUTE FUNCTION app.report();

-- For a slip. Who recorded it takes it back within ten minutes, with a reason, if nothing that the permit rests on has changed since.
CREATE FUNCTION app.retract_report() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  patient   app.patients;
  screening app.screenings;
  consent   app.consents;
  unchanged boolean;
BEGIN
  PERFORM app.require_active_patient(OLD.clinic_id, OLD.patient_id, 'patient_archived');
  IF NOT app.has_words(NEW.retraction_reason) THEN
    PERFORM app.refuse('patient_report_retraction_has_reason', 'a retraction has a reason');
  END IF;
  IF OLD.recorded_by IS DISTINCT FROM app.actor() THEN
    PERFORM app.refuse('patient_report_retracted_by_recorder', 'only the person who recorded a report retracts it');
  END IF;
  SELECT * INTO patient   FROM app.patients   p WHERE p.clinic_id = OLD.clinic_id AND p.id = OLD.patient_id FOR NO KEY UPDATE;
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = OLD.clinic_id AND s.id = OLD.screening_id FOR UPDATE;
  SELECT * INTO consent   FROM app.consents   c WHERE c.clinic_id = OLD.clinic_id AND c.id = OLD.consent_id FOR UPDATE;
  SELECT r.retracted_at INTO NEW.retracted_at FROM app.patient_reports r WHERE r.clinic_id = OLD.clinic_id AND r.id = OLD.id;
  IF NEW.retracted_at IS NOT NULL THEN
    PERFORM app.refuse('patient_report_retracted_once', 'this report is already retracted');
  END IF;
  NEW.retracted_at := clock_timestamp();

  unchanged := patient.version = OLD.patient_version
    AND NOT EXISTS (SELECT FROM app.patient_reports r
                     WHERE r.clinic_id = OLD.clinic_id AND r.patient_id = OLD.patient_id AND r.kind = OLD.kind AND r.id > OLD.id AND r.retracted_at IS NULL)
    AND CASE WHEN screening.id IS NOT NULL THEN screening.ended_because = 'change_reported' AND patient.latest_screening_id = screening.id
             WHEN consent.id   IS NOT NULL THEN consent.ended_because   = 'doubted'         AND patient.latest_consent_id   = consent.id
               -- What would have ended it meanwhile: a text that requires re-consent, the end of an authority.
               AND EXISTS (SELECT FROM app.clinics k
                             JOIN app.discussions d    ON d.clinic_id = k.id AND d.id = consent.discussion_id
                             JOIN app.disclosures text ON text.clinic_id = k.id AND text.id = d.disclosure_id AND text.version >= k.reconsent_version
                            WHERE k.id = consent.clinic_id)
               AND (consent.representative_id IS NULL
                    OR EXISTS (SELECT FROM app.representatives r
                                WHERE r.clinic_id = consent.clinic_id AND r.id = consent.representative_id AND r.ended_at IS NULL AND r.valid @> NEW.retracted_at))
             ELSE true END;
  IF NOT COALESCE(unchanged, false) THEN
    PERFORM app.refuse('patient_report_retracted_before_changes', 'something else was recorded since: a new screening or decision is needed');
  END IF;
  IF OLD.until > NEW.retracted_at THEN
    UPDATE app.screenings s SET ended_because = NULL, clears   = tstzrange(lower(s.clears),   OLD.until) WHERE s.clinic_id = OLD.clinic_id AND s.id = OLD.screening_id;
    UPDATE app.consents   c SET ended_because = NULL, in_force = tstzrange(lower(c.in_force), OLD.until) WHERE c.clinic_id = OLD.clinic_id AND c.id = OLD.consent_id;
  ELSE
    UPDATE app.screenings s SET ended_because = NULL WHERE s.clinic_id = OLD.clinic_id AND s.id = OLD.screening_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER retract BEFORE UPDATE ON app.patient_reports FOR EACH ROW WHEN (current_user = 'assent_app') EXECUTE FUNCTION app.retract_report();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.patient_reports FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

CREATE POLICY read    ON app.patient_reports FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY report  ON app.patient_reports FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('session.record')));
CREATE POLICY retract ON app.patient_reports FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('session.record')));
GRANT SELECT, INSERT (patient_id, kind, words), UPDATE (retraction_reason) ON app.patient_reports TO assent_app;


-- For src/retention/retention.sql.

CREATE FUNCTION app.session_entries(clinic uuid, patient uuid)
RETURNS TABLE (subject text, subject_id text, present jsonb, entered_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT 'sessions', s.id::text, to_jsonb(s), GREATEST(s.started_at, s.ended_at)
    FROM app.sessions s WHERE s.clinic_id = clinic AND s.patient_id = patient
   UNION ALL
  SELECT 'manipulations', m.id::text, to_jsonb(m), m.performed_at
    FROM app.manipulations m JOIN app.sessions s ON s.clinic_id = m.clinic_id AND s.id = m.session_id
   WHERE s.clinic_id = clinic AND s.patient_id = patient
   UNION ALL
  SELECT 'patient_reports', r.id::text, to_jsonb(r), GREATEST(r.reported_at, r.retracted_at)
    FROM app.patient_reports r WHERE r.clinic_id = clinic AND r.patient_id = patient;
END;

CREATE FUNCTION app.erase_sessions(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  WITH manipulations AS (
    UPDATE app.manipulations m SET response = NULL
     WHERE m.clinic_id = clinic AND m.patient_id = patient RETURNING 1),
  reports AS (
    UPDATE app.patient_reports r SET words = '[erased]', retraction_reason = CASE WHEN retraction_reason IS NOT NULL THEN '[erased]' END
     WHERE r.clinic_id = clinic AND r.patient_id = patient RETURNING 1)
  SELECT jsonb_build_object('manipulations', (SELECT count(*) FROM manipulations), 'patient_reports', (SELECT count(*) FROM reports));
END;
