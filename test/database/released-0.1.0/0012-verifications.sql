-- Verification of the whole record at the push of a button: asked for here, done by a server in the background, which tells here how
-- far it is and what it found.

CREATE TABLE audit.verifications (
  id            uuid        PRIMARY KEY DEFAULT uuidv7(),
  clinic_id     uuid        NOT NULL,
  requested_by  uuid        NOT NULL,
  requested_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  started_at    timestamptz,
  -- When the server last said that it is at work. One that died says nothing.
  told_at       timestamptz,
  finished_at   timestamptz,
  phase         text,
  done          bigint      NOT NULL DEFAULT 0,
  total         bigint      NOT NULL DEFAULT 0,
  entries       bigint,
  row_count     bigint,
  anchored      bigint,
  finding_count bigint      NOT NULL DEFAULT 0,
  -- Why it couldn't be done.
  problem       text,
  CONSTRAINT verification_phase_known  CHECK (phase IN ('log', 'waiting', 'anchors', 'rows')),
  CONSTRAINT verification_requested_by FOREIGN KEY (clinic_id, requested_by) REFERENCES app.staff (clinic_id, id)
);
CREATE INDEX verification_of_clinic ON audit.verifications (clinic_id, id);
CREATE INDEX verification_waiting   ON audit.verifications (id) WHERE started_at IS NULL;

CREATE TABLE audit.findings (
  verification_id uuid    NOT NULL REFERENCES audit.verifications,
  position        integer NOT NULL,
  -- Whose record it is. NULL: everybody's, such as a damaged tree.
  clinic_id       uuid,
  subject         text    NOT NULL,
  problem         text    NOT NULL,
  PRIMARY KEY (verification_id, position)
);

-- Answers with the one that is under way, if there is one.
CREATE FUNCTION audit.request_verification() RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('audit.read');
  id     uuid;
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'administrators verify';
  END IF;
  -- Two at once take turns.
  PERFORM FROM app.clinics WHERE clinics.id = clinic FOR NO KEY UPDATE;
  SELECT v.id INTO id FROM audit.verifications v
   WHERE v.clinic_id = clinic AND finished_at IS NULL AND COALESCE(told_at, requested_at) > clock_timestamp() - interval '1 minute';
  IF id IS NULL THEN
    INSERT INTO audit.verifications (clinic_id, requested_by) VALUES (clinic, app.actor()) RETURNING verifications.id INTO id;
    PERFORM audit.record('verify', 'success', 'verifications', id::text, NULL, NULL);
  END IF;
  RETURN id;
END $$;
GRANT EXECUTE ON FUNCTION audit.request_verification() TO assent_app;

ALTER TABLE audit.verifications ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.findings      ENABLE ROW LEVEL SECURITY;
CREATE POLICY read   ON audit.verifications FOR SELECT TO assent_app    USING (clinic_id = (SELECT app.clinic_for('audit.read')));
CREATE POLICY verify ON audit.verifications FOR ALL    TO assent_sealer USING (true);
-- Of others' records no more is told than that something is wrong.
CREATE POLICY read   ON audit.findings      FOR SELECT TO assent_app    USING ((SELECT app.clinic_for('audit.read')) IS NOT NULL
  AND (clinic_id IS NULL OR clinic_id = (SELECT app.clinic_for('audit.read')))
  AND EXISTS (SELECT FROM audit.verifications v WHERE v.id = verification_id));
CREATE POLICY verify ON audit.findings      FOR INSERT TO assent_sealer WITH CHECK (true);
GRANT SELECT ON audit.verifications, audit.findings TO assent_app;
GRANT SELECT, UPDATE (started_at, told_at, finished_at, phase, done, total, entries, row_count, anchored, finding_count, problem) ON audit.verifications TO assent_sealer;
GRANT INSERT ON audit.findings TO assent_sealer;
