-- Sessions: the gate. A session exists only if at the instant it started the practitioner's licence was valid, the
-- patient's screening cleared, a consent was in force, and every risk had been discussed before that consent.

-- The risks that a session under this screening and this consent needs and that weren't discussed before the decision.
-- It reads rows that are only ever added, never changed, so that it can err only towards refusing.
CREATE FUNCTION app.undiscussed_risks(clinic uuid, screening uuid, consent uuid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
RETURN ARRAY(
  SELECT required.code
    FROM app.consents    c
    JOIN app.discussions d ON d.clinic_id = c.clinic_id AND d.id = c.discussion_id
    CROSS JOIN LATERAL (
      SELECT r.code FROM app.disclosure_risks r
       WHERE r.clinic_id = d.clinic_id AND r.disclosure_id = d.disclosure_id AND r.always
       UNION
      SELECT unnest(s.added_risks) FROM app.screenings s
       WHERE s.clinic_id = clinic AND s.id = screening) AS required
   WHERE c.clinic_id = clinic AND c.id = consent
     AND NOT EXISTS (SELECT FROM app.discussed_risks told
                      WHERE told.clinic_id = d.clinic_id AND told.discussion_id = d.id
                        AND told.code = required.code AND told.discussed_at <= c.decided_at)
   ORDER BY required.code);

CREATE TABLE app.sessions (
  clinic_id       uuid        NOT NULL DEFAULT app.clinic(),
  id              uuid        NOT NULL DEFAULT uuidv7(),
  patient_id      uuid        NOT NULL,
  practitioner_id uuid        NOT NULL DEFAULT app.actor(),
  licence_id      uuid        NOT NULL,
  screening_id    uuid        NOT NULL,
  consent_id      uuid        NOT NULL,
  nothing_changed boolean     NOT NULL,
  still_consents  boolean     NOT NULL,
  started_at      timestamptz NOT NULL,
  started         tstzrange   NOT NULL GENERATED ALWAYS AS (tstzrange(started_at, started_at, '[]')) STORED,
  ended_at        timestamptz,
  ended_by        uuid,
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
  CONSTRAINT session_needs_nothing_changed CHECK (nothing_changed),
  CONSTRAINT session_needs_consent_confirmed CHECK (still_consents),
  CONSTRAINT session_ends_after_start      CHECK (ended_at >= started_at),
  CONSTRAINT session_end_whole             CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX session_one_open_per_patient ON app.sessions (clinic_id, patient_id) WHERE ended_at IS NULL;
CREATE INDEX session_of_patient   ON app.sessions (clinic_id, patient_id, started_at);
CREATE INDEX session_practitioner ON app.sessions (clinic_id, practitioner_id);
CREATE INDEX session_ended_by     ON app.sessions (clinic_id, ended_by);
CREATE INDEX session_of_licence   ON app.sessions (clinic_id, licence_id);
CREATE INDEX session_of_screening ON app.sessions (clinic_id, screening_id);
CREATE INDEX session_of_consent   ON app.sessions (clinic_id, consent_id);

-- What permits is locked against being ended, and only then the clock is read: a withdrawal that was acknowledged while we
-- waited lies before the start, and the keys above refuse.
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
BEGIN
  NEW.started_at := app.lock_permits(NEW.clinic_id, NEW.licence_id, NEW.screening_id, NEW.consent_id);
  undiscussed    := app.undiscussed_risks(NEW.clinic_id, NEW.screening_id, NEW.consent_id);
  IF cardinality(undiscussed) > 0 THEN
    PERFORM app.refuse('session_needs_every_risk_discussed', 'not every risk was discussed before the consent', to_jsonb(undiscussed));
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
  clinic_id       uuid        NOT NULL DEFAULT app.clinic(),
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
CREATE INDEX manipulation_in_session   ON app.manipulations (clinic_id, session_id);
CREATE INDEX manipulation_of_licence   ON app.manipulations (clinic_id, licence_id);
CREATE INDEX manipulation_of_screening ON app.manipulations (clinic_id, screening_id);
CREATE INDEX manipulation_of_consent   ON app.manipulations (clinic_id, consent_id);

CREATE FUNCTION app.manipulate() RETURNS trigger
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
CREATE TRIGGER manipulate BEFORE INSERT ON app.manipulations FOR EACH ROW EXECUTE FUNCTION app.manipulate();


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
   ORDER BY COALESCE(l.valid @> at, false) DESC, upper(l.valid) DESC NULLS LAST LIMIT 1;
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = clinic AND s.id = who.latest_screening_id;
  SELECT * INTO consent   FROM app.consents   c WHERE c.clinic_id = clinic AND c.id = who.latest_consent_id;
  SELECT s.id INTO open_session_id FROM app.sessions s WHERE s.clinic_id = clinic AND s.patient_id = patient AND s.ended_at IS NULL;

  licence_id    := licence.id;
  licence_since := lower(licence.valid);
  licence_until := upper(licence.valid);
  licence_state := CASE WHEN licence.id IS NULL          THEN 'none'
                        WHEN licence.valid @> at         THEN 'valid'
                        WHEN licence.revoked_at IS NOT NULL THEN 'revoked'
                        WHEN lower(licence.valid) > at   THEN 'not-yet-valid'
                        ELSE 'expired' END;

  screening_id    := screening.id;
  screening_since := lower(screening.clears);
  screening_until := upper(screening.clears);
  screening_state := CASE WHEN screening.id IS NULL       THEN 'none'
                          WHEN screening.clears IS NULL   THEN 'referred'
                          WHEN screening.clears @> at     THEN screening.outcome
                          ELSE 'expired' END;
  cleared_regions := COALESCE(screening.cleared_regions, '{}');

  consent_id    := consent.id;
  consent_since := lower(consent.in_force);
  consent_until := upper(consent.in_force);
  undiscussed_risks := app.undiscussed_risks(clinic, screening.id, consent.id);
  consent_state := CASE WHEN consent.id IS NULL               THEN 'none'
                        WHEN consent.decision = 'refused'     THEN 'refused'
                        WHEN consent.ended_because IS NOT NULL THEN consent.ended_because
                        WHEN NOT consent.in_force @> at       THEN 'expired'
                        WHEN cardinality(undiscussed_risks) > 0 THEN 'outdated'
                        ELSE 'in_force' END;
  SELECT COALESCE(array_agg(DISTINCT s.region), '{}'), COALESCE(array_agg(DISTINCT s.technique), '{}')
    INTO consented_regions, consented_techniques
    FROM app.consent_scope s WHERE s.clinic_id = clinic AND s.consent_id = consent.id;

  blockers := ARRAY(
    SELECT blocker FROM unnest(ARRAY[
      CASE WHEN licence_state <> 'valid' THEN 'licence.' || licence_state END,
      CASE WHEN screening_state NOT LIKE 'cleared%' THEN 'screening.' || screening_state END,
      CASE WHEN consent_state <> 'in_force' THEN 'consent.' || consent_state END,
      CASE WHEN screening_state LIKE 'cleared%' AND consent_state = 'in_force' AND NOT consented_regions && cleared_regions THEN 'scope.none' END,
      CASE WHEN open_session_id IS NOT NULL THEN 'session.already-open' END]) AS blocker
     WHERE blocker IS NOT NULL);
  allowed := cardinality(blockers) = 0;
  RETURN NEXT;
END $$;


ALTER TABLE app.sessions      ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.manipulations ENABLE ROW LEVEL SECURITY;
CREATE POLICY read   ON app.sessions      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY start  ON app.sessions      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('session.record')));
CREATE POLICY finish ON app.sessions      FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('session.record')));
CREATE POLICY read   ON app.manipulations FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record ON app.manipulations FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('session.record')));
GRANT SELECT ON app.sessions, app.segments, app.manipulations TO assent_app;
GRANT INSERT (patient_id, licence_id, screening_id, consent_id, nothing_changed, still_consents), UPDATE (ended_at) ON app.sessions TO assent_app;
GRANT INSERT (session_id, region, segment, technique, side, response) ON app.manipulations TO assent_app;
GRANT EXECUTE ON FUNCTION app.clearance(uuid) TO assent_app;
