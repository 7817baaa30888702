-- What permits a session is the work of licensed professionals: each screening and approval, each risk discussed, and each consent cites the
-- licence that was valid at its instant, as sessions do.

-- What was recorded before gets the licence that its author had at that instant. Without one it stays, marked, and permits no session.
ALTER TABLE app.screenings
  ADD COLUMN licence_id uuid,
  ADD COLUMN unlicensed boolean   NOT NULL DEFAULT false,
  ADD COLUMN performed  tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(performed_at, performed_at, '[]')) STORED;
ALTER TABLE app.screening_approvals
  ADD COLUMN licence_id uuid,
  ADD COLUMN unlicensed boolean   NOT NULL DEFAULT false,
  ADD COLUMN approved   tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(approved_at, approved_at, '[]')) STORED;
ALTER TABLE app.discussed_risks
  ADD COLUMN licence_id uuid,
  ADD COLUMN unlicensed boolean   NOT NULL DEFAULT false,
  ADD COLUMN discussed  tstzrange NOT NULL GENERATED ALWAYS AS (tstzrange(discussed_at, discussed_at, '[]')) STORED;
ALTER TABLE app.consents
  ADD COLUMN licence_id uuid,
  ADD COLUMN unlicensed boolean   NOT NULL DEFAULT false;

-- One statement for each table, so that a row is changed once.
UPDATE app.screening_approvals x
   SET (licence_id, unlicensed) = (
         SELECT (array_agg(l.id ORDER BY upper(l.valid) DESC NULLS FIRST, l.id))[1], count(*) = 0
           FROM app.licences l
          WHERE l.clinic_id = x.clinic_id AND l.practitioner_id = x.approved_by AND l.valid @> x.approved_at);
UPDATE app.screenings x
   SET (licence_id, unlicensed) = (
         SELECT (array_agg(l.id ORDER BY upper(l.valid) DESC NULLS FIRST, l.id))[1], count(*) = 0 OR EXISTS (
                  SELECT FROM app.screening_approvals a WHERE a.clinic_id = x.clinic_id AND a.screening_id = x.id AND a.unlicensed)
           FROM app.licences l
          WHERE l.clinic_id = x.clinic_id AND l.practitioner_id = x.performed_by AND l.valid @> x.performed_at);
UPDATE app.discussed_risks x
   SET (licence_id, unlicensed) = (
         SELECT (array_agg(l.id ORDER BY upper(l.valid) DESC NULLS FIRST, l.id))[1], count(*) = 0
           FROM app.licences l
          WHERE l.clinic_id = x.clinic_id AND l.practitioner_id = x.discussed_by AND l.valid @> x.discussed_at);
UPDATE app.consents x
   SET (licence_id, unlicensed) = (
         SELECT (array_agg(l.id ORDER BY upper(l.valid) DESC NULLS FIRST, l.id))[1], x.decision = 'given' AND (count(*) = 0 OR EXISTS (
                  SELECT FROM app.discussed_risks r WHERE r.clinic_id = x.clinic_id AND r.discussion_id = x.discussion_id AND r.unlicensed))
           FROM app.licences l
          WHERE l.clinic_id = x.clinic_id AND l.practitioner_id = x.recorded_by AND l.valid @> x.decided_at);

ALTER TABLE app.screenings
  ADD CONSTRAINT screening_needs_licence FOREIGN KEY (clinic_id, licence_id, performed_by, PERIOD performed)
                                         REFERENCES app.licences (clinic_id, id, practitioner_id, PERIOD valid),
  ADD CONSTRAINT screening_cites_licence CHECK (licence_id IS NOT NULL OR unlicensed);
ALTER TABLE app.screening_approvals
  ADD CONSTRAINT approval_needs_licence  FOREIGN KEY (clinic_id, licence_id, approved_by, PERIOD approved)
                                         REFERENCES app.licences (clinic_id, id, practitioner_id, PERIOD valid),
  ADD CONSTRAINT approval_cites_licence  CHECK (licence_id IS NOT NULL OR unlicensed);
ALTER TABLE app.discussed_risks
  ADD CONSTRAINT discussed_risk_needs_licence FOREIGN KEY (clinic_id, licence_id, discussed_by, PERIOD discussed)
                                              REFERENCES app.licences (clinic_id, id, practitioner_id, PERIOD valid),
  ADD CONSTRAINT discussed_risk_cites_licence CHECK (licence_id IS NOT NULL OR unlicensed);
-- A patient who says no is never held up by somebody else's licence.
ALTER TABLE app.consents
  ADD CONSTRAINT consent_needs_licence   FOREIGN KEY (clinic_id, licence_id, recorded_by, PERIOD decided)
                                         REFERENCES app.licences (clinic_id, id, practitioner_id, PERIOD valid),
  ADD CONSTRAINT consent_cites_licence   CHECK (licence_id IS NOT NULL OR unlicensed OR decision = 'refused');
CREATE INDEX screening_of_licence      ON app.screenings          (clinic_id, licence_id);
CREATE INDEX approval_of_licence       ON app.screening_approvals (clinic_id, licence_id);
CREATE INDEX discussed_risk_of_licence ON app.discussed_risks     (clinic_id, licence_id);
CREATE INDEX consent_of_licence        ON app.consents            (clinic_id, licence_id);

COMMENT ON COLUMN app.screenings.unlicensed IS 'Recorded before a licence was asked for, without a valid one, or approved so. It permits no session.';
COMMENT ON COLUMN app.consents.unlicensed   IS 'Recorded before a licence was asked for, without a valid one, or after a risk that was discussed so. It permits no session.';

INSERT INTO migrations.unrecorded VALUES
  ('app.screenings',          '{licence_id,unlicensed,performed}'),
  ('app.screening_approvals', '{licence_id,unlicensed,approved}'),
  ('app.discussed_risks',     '{licence_id,unlicensed,discussed}'),
  ('app.consents',            '{licence_id,unlicensed}');
