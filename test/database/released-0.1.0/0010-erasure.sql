-- What becomes of a record that is closed: archived, kept for as long as the law says, held where a court may want it, erased.
-- What proves that sessions were covered by consents stays; whose they were doesn't.

INSERT INTO app.permissions (permission, role, fresh)
VALUES ('patient.archive',   'administrator', false), ('patient.archive', 'practitioner', false), ('patient.archive', 'receptionist', false),
       ('legal-hold.read',   'administrator', false),
       ('legal-hold.manage', 'administrator', true),
       ('patient.erase',     'administrator', true);

-- Law differs. Germany: ten years after the end of the treatment (section 630f BGB). United Kingdom, chiropractors: eight years
-- after the last visit, of a child until the 25th or 26th birthday (General Chiropractic Council). The longer of the two is
-- the default, and counting from the age of majority covers the children.
ALTER TABLE app.clinics
  ADD COLUMN retention_years smallint NOT NULL DEFAULT 10,
  ADD CONSTRAINT clinic_retention_years CHECK (retention_years BETWEEN 1 AND 50);
COMMENT ON COLUMN app.clinics.retention_years IS 'How long a record is kept after its last entry, and after the patient came of age.';
GRANT UPDATE (retention_years) ON app.clinics TO assent_app;


-- Archived: the patient left, and nothing is added until somebody restores the record.

ALTER TABLE app.patients
  ADD COLUMN archived_at    timestamptz,
  ADD COLUMN archived_by    uuid,
  ADD COLUMN archive_reason text,
  ADD COLUMN erased         boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT patient_archived_by          FOREIGN KEY (clinic_id, archived_by) REFERENCES app.staff (clinic_id, id),
  ADD CONSTRAINT patient_archive_whole        CHECK (num_nulls(archived_at, archived_by, archive_reason) IN (0, 3)),
  ADD CONSTRAINT patient_archive_reason_known CHECK (archive_reason IN ('left', 'moved', 'died', 'duplicate', 'other')),
  -- For good, whoever writes.
  ADD CONSTRAINT patient_erased_stays_blank   CHECK (NOT erased OR (archived_at IS NOT NULL
                                                 AND given_name = '[erased]' AND family_name = '[erased]' AND record_number = id::text
                                                 AND birth_date = DATE '1900-01-01' AND sex = 'unknown'
                                                 AND num_nonnulls(phone, email, preferred_language) = 0));
CREATE INDEX patient_archived_by ON app.patients (clinic_id, archived_by) WHERE archived_by IS NOT NULL;
COMMENT ON COLUMN app.patients.erased IS 'When, by whom and why is in audit.erasures.';

-- The lock on the patient makes what is written and an archiving take turns: archive_patient() waits for what is under way, and
-- what waits for it sees that the patient is archived. Arguments: how the patient is found, and the rule that is broken where the
-- patient is archived; without one, only the erased are refused.
CREATE FUNCTION app.require_active_patient() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  patient uuid;
  who     app.patients;
BEGIN
  IF TG_ARGV[0] = 'by discussion' THEN
    SELECT d.patient_id INTO patient FROM app.discussions d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id;
  ELSIF TG_ARGV[0] = 'by screening' THEN
    SELECT s.patient_id INTO patient FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id;
  ELSE
    patient := NEW.patient_id;
  END IF;
  SELECT * INTO who FROM app.patients p WHERE p.clinic_id = NEW.clinic_id AND p.id = patient FOR KEY SHARE;
  IF who.erased THEN
    PERFORM app.refuse('patient_erased', 'the record of this patient was erased');
  ELSIF who.archived_at IS NOT NULL AND TG_NARGS > 1 THEN
    PERFORM app.refuse(TG_ARGV[1], 'the patient is archived');
  END IF;
  RETURN NEW;
END $$;
-- Named so that they come first.
CREATE TRIGGER active BEFORE INSERT ON app.representatives     FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('directly');
CREATE TRIGGER active BEFORE INSERT ON app.screenings          FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('directly', 'patient_archived');
CREATE TRIGGER active BEFORE INSERT ON app.screening_approvals FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('by screening', 'patient_archived');
CREATE TRIGGER active BEFORE INSERT ON app.discussions         FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('directly', 'patient_archived');
CREATE TRIGGER active BEFORE INSERT ON app.discussed_risks     FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('by discussion', 'patient_archived');
CREATE TRIGGER active BEFORE INSERT ON app.consents            FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('by discussion', 'patient_archived');
CREATE TRIGGER active BEFORE INSERT ON app.sessions            FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('directly', 'session_of_archived_patient');
-- The erasure itself writes as the owner. A consent can be withdrawn while the patient is archived.
CREATE TRIGGER active_still BEFORE UPDATE ON app.discussed_risks FOR EACH ROW WHEN (current_user = 'assent_app')
  EXECUTE FUNCTION app.require_active_patient('by discussion', 'patient_archived');
CREATE TRIGGER active_still BEFORE UPDATE ON app.consents FOR EACH ROW WHEN (current_user = 'assent_app')
  EXECUTE FUNCTION app.require_active_patient('directly');

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

-- As before, but for those archived and erased.
DROP FUNCTION app.search_patients(text, text, uuid, integer);
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

-- As before, and the archive is a reason not to start.
CREATE OR REPLACE FUNCTION app.clearance(patient uuid)
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
      CASE WHEN who.erased THEN 'patient.erased' WHEN who.archived_at IS NOT NULL THEN 'patient.archived' END,
      CASE WHEN licence_state <> 'valid' THEN 'licence.' || licence_state END,
      CASE WHEN screening_state NOT LIKE 'cleared%' THEN 'screening.' || screening_state END,
      CASE WHEN consent_state <> 'in_force' THEN 'consent.' || consent_state END,
      CASE WHEN screening_state LIKE 'cleared%' AND consent_state = 'in_force' AND NOT consented_regions && cleared_regions THEN 'scope.none' END,
      CASE WHEN open_session_id IS NOT NULL THEN 'session.already-open' END]) AS blocker
     WHERE blocker IS NOT NULL);
  allowed := cardinality(blockers) = 0;
  RETURN NEXT;
END $$;


-- Kept: until so many years after the last entry, and of somebody who was a minor after the 18th birthday, or that of the
-- clinic's age of majority where it is later. The day itself still counts.
CREATE FUNCTION app.retention_ends(patient app.patients) RETURNS date
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT (GREATEST(entries.latest, app.comes_of_age(patient.birth_date, GREATEST(18, c.adult_age_years), c.time_zone)) AT TIME ZONE c.time_zone
          + make_interval(years => c.retention_years))::date + 1
    FROM app.clinics c,
         LATERAL (SELECT max(instant) AS latest
                    FROM (SELECT patient.registered_at AS instant
                          UNION ALL SELECT r.recorded_at FROM app.representatives r WHERE r.clinic_id = c.id AND r.patient_id = patient.id
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

-- For those who may see the entries that it follows from.
CREATE FUNCTION app.erasable_from(patient uuid) RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT app.retention_ends(p) FROM app.patients p WHERE p.clinic_id = app.clinic_for('clinical.read') AND p.id = erasable_from.patient;
END;

GRANT EXECUTE ON FUNCTION app.archive_patient(uuid, text), app.restore_patient(uuid), app.erasable_from(uuid),
                          app.search_patients(text, text, uuid, integer, boolean) TO assent_app;


-- Held: while any hold is in force, nothing is erased. Lifted, it stays.

CREATE TABLE app.legal_holds (
  clinic_id   uuid        NOT NULL DEFAULT app.clinic(),
  id          uuid        NOT NULL DEFAULT uuidv7(),
  patient_id  uuid        NOT NULL,
  reason      text        NOT NULL,
  placed_by   uuid        NOT NULL DEFAULT app.actor(),
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
CREATE INDEX legal_hold_of_patient ON app.legal_holds (clinic_id, patient_id);
CREATE INDEX legal_hold_placed_by  ON app.legal_holds (clinic_id, placed_by);
CREATE INDEX legal_hold_lifted_by  ON app.legal_holds (clinic_id, lifted_by);

CREATE FUNCTION app.lift_legal_hold() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  -- The erasure blanks the reasons; app.require_active_patient() lets nobody else.
  IF (SELECT erased FROM app.patients p WHERE p.clinic_id = OLD.clinic_id AND p.id = OLD.patient_id) THEN
    RETURN NEW;
  END IF;
  IF OLD.lifted_at IS NOT NULL THEN
    PERFORM app.refuse('legal_hold_lifted_once', 'this legal hold is already lifted');
  END IF;
  NEW.lifted_at := clock_timestamp();
  NEW.lifted_by := app.actor();
  RETURN NEW;
END $$;
CREATE TRIGGER active BEFORE INSERT ON app.legal_holds FOR EACH ROW EXECUTE FUNCTION app.require_active_patient('directly');
CREATE TRIGGER active_still BEFORE UPDATE ON app.legal_holds FOR EACH ROW WHEN (current_user = 'assent_app')
  EXECUTE FUNCTION app.require_active_patient('directly');
CREATE TRIGGER lift BEFORE UPDATE ON app.legal_holds FOR EACH ROW EXECUTE FUNCTION app.lift_legal_hold();
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.legal_holds FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

ALTER TABLE app.legal_holds ENABLE ROW LEVEL SECURITY;
CREATE POLICY read  ON app.legal_holds FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('legal-hold.read')));
CREATE POLICY place ON app.legal_holds FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('legal-hold.manage')));
CREATE POLICY lift  ON app.legal_holds FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('legal-hold.manage')));
GRANT SELECT ON app.legal_holds TO assent_app;
GRANT INSERT (patient_id, reason), UPDATE (lift_reason) ON app.legal_holds TO assent_app;


-- Erased: who it was and what was said. Keys, instants, periods, regions and digests stay, so that every constraint still holds,
-- and that session X was covered by consent Y can still be shown.

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

CREATE TABLE audit.erased_events (
  clinic_id  uuid NOT NULL,
  event_id   uuid NOT NULL,
  erasure_id uuid NOT NULL,
  PRIMARY KEY (clinic_id, event_id),
  CONSTRAINT erased_event_by FOREIGN KEY (clinic_id, erasure_id) REFERENCES audit.erasures (clinic_id, id)
);
CREATE INDEX erased_event_by ON audit.erased_events (clinic_id, erasure_id);
COMMENT ON TABLE audit.erased_events IS
  'Which erasure took the details of an event. An event with a digest and without details is explained by its row here, and by nothing else. '
  'The erasure''s own event holds the digest of this list: eventsSha256, the SHA-256 of the ids in their order, joined by commas.';

-- Every row of a patient's record, named as its events name it. Values as record_change() writes them.
CREATE FUNCTION audit.rows_of(clinic uuid, patient uuid) RETURNS TABLE (subject text, subject_id text, present jsonb)
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
  SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' SET IntervalStyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
BEGIN ATOMIC
  SELECT 'patients', p.id::text, to_jsonb(p) - '{sort_name,search_text}'::text[] FROM app.patients p WHERE p.clinic_id = clinic AND p.id = patient
   UNION ALL
  SELECT 'representatives', r.id::text, to_jsonb(r) FROM app.representatives r WHERE r.clinic_id = clinic AND r.patient_id = patient
   UNION ALL
  SELECT 'screenings', s.id::text, to_jsonb(s) FROM app.screenings s WHERE s.clinic_id = clinic AND s.patient_id = patient
   UNION ALL
  SELECT 'screening_approvals', a.screening_id::text, to_jsonb(a)
    FROM app.screening_approvals a JOIN app.screenings s ON s.clinic_id = a.clinic_id AND s.id = a.screening_id
   WHERE s.clinic_id = clinic AND s.patient_id = patient
   UNION ALL
  SELECT 'discussions', d.id::text, to_jsonb(d) FROM app.discussions d WHERE d.clinic_id = clinic AND d.patient_id = patient
   UNION ALL
  SELECT 'discussed_risks', t.discussion_id || '/' || t.code, to_jsonb(t)
    FROM app.discussed_risks t JOIN app.discussions d ON d.clinic_id = t.clinic_id AND d.id = t.discussion_id
   WHERE d.clinic_id = clinic AND d.patient_id = patient
   UNION ALL
  SELECT 'consents', c.id::text, to_jsonb(c) FROM app.consents c WHERE c.clinic_id = clinic AND c.patient_id = patient
   UNION ALL
  SELECT 'sessions', s.id::text, to_jsonb(s) FROM app.sessions s WHERE s.clinic_id = clinic AND s.patient_id = patient
   UNION ALL
  SELECT 'manipulations', m.id::text, to_jsonb(m) FROM app.manipulations m WHERE m.clinic_id = clinic AND m.patient_id = patient
   UNION ALL
  SELECT 'legal_holds', h.id::text, to_jsonb(h) FROM app.legal_holds h WHERE h.clinic_id = clinic AND h.patient_id = patient;
END;

ALTER TABLE audit.erasures      ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.erased_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON audit.erasures      FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
CREATE POLICY read ON audit.erased_events FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
GRANT SELECT ON audit.erasures, audit.erased_events TO assent_app;

-- The words of a text, folded.
CREATE FUNCTION app.words(value text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, app, pg_temp
RETURN array_remove(regexp_split_to_array(app.fold(value) COLLATE "pg_unicode_fast", '[^[:alnum:]]+'), '');

-- As before, but the erasure may blank what was said.
CREATE OR REPLACE FUNCTION app.withdraw_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  -- The erasure blanks the reason; app.require_active_patient() lets nobody else.
  IF (SELECT erased FROM app.patients p WHERE p.clinic_id = OLD.clinic_id AND p.id = OLD.patient_id) THEN
    RETURN NEW;
  END IF;
  IF OLD.withdrawn_at IS NOT NULL THEN
    PERFORM app.refuse('consent_withdrawn_once', 'this consent is already withdrawn');
  END IF;
  -- Locked before the clock is read: a session that started while we waited lies before the end.
  PERFORM FROM app.consents c WHERE c.clinic_id = OLD.clinic_id AND c.id = OLD.id FOR UPDATE;
  NEW.withdrawn_at := clock_timestamp();
  IF NOT COALESCE(OLD.in_force @> NEW.withdrawn_at, false) THEN
    PERFORM app.refuse('withdrawal_of_consent_in_force', 'this consent isn''t in force');
  END IF;
  NEW.withdrawal_recorded_by := app.actor();
  NEW.in_force      := tstzrange(lower(OLD.in_force), NEW.withdrawn_at);
  NEW.ended_because := 'withdrawn';
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION app.discuss_risk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  discussion app.discussions;
BEGIN
  -- The lock makes a risk and the decision take turns.
  SELECT * INTO discussion FROM app.discussions d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id FOR SHARE;
  IF discussion.id IS NULL THEN
    PERFORM app.refuse('discussed_risk_in_discussion', 'there is no such discussion');
  END IF;
  -- The erasure blanks question and answer; app.require_active_patient() lets nobody else.
  IF TG_OP = 'UPDATE' AND (SELECT erased FROM app.patients p WHERE p.clinic_id = NEW.clinic_id AND p.id = discussion.patient_id) THEN
    RETURN NEW;
  END IF;
  IF EXISTS (SELECT FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.discussion_id = NEW.discussion_id) THEN
    PERFORM app.refuse('discussed_risk_before_decision', 'the decision on this discussion is recorded: open a new discussion');
  END IF;
  IF TG_OP = 'UPDATE' THEN
    -- A question that comes up later is added; what is written stays.
    IF (OLD.question IS NOT NULL AND NEW.question IS DISTINCT FROM OLD.question)
       OR (OLD.answer IS NOT NULL AND NEW.answer IS DISTINCT FROM OLD.answer) THEN
      PERFORM app.refuse('discussed_risk_stays', 'this risk is already recorded as discussed, with another question or answer');
    END IF;
    RETURN NEW;
  END IF;
  SELECT r.title, r.wording INTO NEW.title, NEW.wording FROM app.disclosure_risks r
   WHERE r.clinic_id = NEW.clinic_id AND r.disclosure_id = discussion.disclosure_id AND r.code = NEW.code
     AND (r.code IN (SELECT app.required_risks(discussion))
          -- Told already, and no longer required since: the same again finds its row.
          OR EXISTS (SELECT FROM app.discussed_risks told
                      WHERE (told.clinic_id, told.discussion_id, told.code) = (NEW.clinic_id, NEW.discussion_id, r.code)));
  IF NOT FOUND THEN
    PERFORM app.refuse('discussed_risk_is_required', 'this discussion has no such risk');
  END IF;
  NEW.discussed_at := clock_timestamp();
  RETURN NEW;
END $$;

-- The one way to blank anything. It checks everything itself, because it runs as the owner.
CREATE FUNCTION app.erase_patient(patient uuid, reason text) RETURNS SETOF audit.erasures
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

  UPDATE app.representatives r SET name = '[erased]', relationship = '[erased]', authority = '[erased]'
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
GRANT EXECUTE ON FUNCTION app.erase_patient(uuid, text) TO assent_app;

-- Columns that rows have had since above, for whoever compares them with their events.
SELECT audit.record_present('app.clinics', '{retention_years}'), audit.record_present('app.patients', '{erased}');
