-- What a patient reports when a session is about to start, a change since the screening or a doubt about the consent, is a record of its
-- own. It ends what permitted the session, and only a new screening or a new decision permits one again.

-- Why a screening clears no longer, before its period would have ended. Without it: replaced by a newer one, or it ran out.
ALTER TABLE app.screenings
  ADD COLUMN ended_because text,
  ADD CONSTRAINT screening_ended_known CHECK (ended_because IN ('change_reported'));
ALTER TABLE app.consents
  DROP CONSTRAINT consent_ended_known,
  ADD  CONSTRAINT consent_ended_known CHECK (ended_because IN ('withdrawn', 'replaced', 'outdated', 'unrepresented', 'doubted'));

CREATE TABLE app.patient_reports (
  clinic_id         uuid        NOT NULL,
  id                uuid        NOT NULL DEFAULT uuidv7(),
  patient_id        uuid        NOT NULL,
  kind              text        NOT NULL,
  words             text        NOT NULL,
  -- Which permit it ended. NULL: there was none.
  screening_id      uuid,
  consent_id        uuid,
  -- The end that the permit's period had. NULL: it had no period, or none that was still running.
  until             timestamptz,
  -- The version of the patient's details at that time.
  patient_version   integer     NOT NULL,
  recorded_by       uuid        NOT NULL,
  reported_at       timestamptz NOT NULL,
  retracted_at      timestamptz,
  retraction_reason text,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT patient_report_of_patient     FOREIGN KEY (clinic_id, patient_id)   REFERENCES app.patients (clinic_id, id),
  CONSTRAINT patient_report_ends_screening FOREIGN KEY (clinic_id, screening_id) REFERENCES app.screenings (clinic_id, id),
  CONSTRAINT patient_report_ends_consent   FOREIGN KEY (clinic_id, consent_id)   REFERENCES app.consents (clinic_id, id),
  CONSTRAINT patient_report_recorded_by    FOREIGN KEY (clinic_id, recorded_by)  REFERENCES app.staff (clinic_id, id),
  CONSTRAINT patient_report_kind_known     CHECK (kind IN ('change', 'doubt')),
  CONSTRAINT patient_report_has_words      CHECK (words ~ '\S'),
  CONSTRAINT patient_report_ends_its_kind  CHECK (CASE kind WHEN 'change' THEN consent_id IS NULL ELSE screening_id IS NULL END),
  CONSTRAINT patient_report_retraction_whole      CHECK (num_nulls(retracted_at, retraction_reason) IN (0, 2)),
  CONSTRAINT patient_report_retraction_has_reason CHECK (retraction_reason ~ '\S'),
  CONSTRAINT patient_report_retracted_soon        CHECK (retracted_at < reported_at + interval '10 minutes')
);
ALTER TABLE app.patient_reports ENABLE ROW LEVEL SECURITY;
CREATE INDEX patient_report_of_patient     ON app.patient_reports (clinic_id, patient_id, reported_at);
CREATE INDEX patient_report_ends_screening ON app.patient_reports (clinic_id, screening_id) WHERE screening_id IS NOT NULL;
CREATE INDEX patient_report_ends_consent   ON app.patient_reports (clinic_id, consent_id)   WHERE consent_id   IS NOT NULL;
CREATE INDEX patient_report_recorded_by    ON app.patient_reports (clinic_id, recorded_by);

-- A refusal with which something was recorded is stored for a repetition of its request, as a success is.
ALTER TABLE app.idempotency_keys
  DROP CONSTRAINT idempotency_key_of_success,
  ADD  CONSTRAINT idempotency_key_of_what_was_written CHECK (status BETWEEN 200 AND 299 OR status = 409);
