-- The disclosure report: which sessions there were, on which consent, after which risks, newest first and by any filter.

INSERT INTO app.permissions (permission, role)
VALUES ('report.read', 'administrator');

-- What the consent of a session covered and which version of the disclosure it followed, copied when the session starts. Neither
-- ever changes. Without the copy, the newest sessions of an old version could only be found by walking through all newer ones.
ALTER TABLE app.sessions
  ADD COLUMN consented_regions  text[]  NOT NULL DEFAULT '{}',
  ADD COLUMN disclosure_version integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN app.sessions.consented_regions  IS 'Copied from the consent by app.cite_consent().';
COMMENT ON COLUMN app.sessions.disclosure_version IS 'Copied from the consent''s disclosure by app.cite_consent().';

-- Of a consent that doesn't exist or was refused it copies nothing, and the keys say what is wrong.
CREATE FUNCTION app.cite_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  SELECT COALESCE(c.regions, '{}'), told.version
    INTO NEW.consented_regions, NEW.disclosure_version
    FROM app.consents    c
    JOIN app.discussions d    ON d.clinic_id    = c.clinic_id AND d.id    = c.discussion_id
    JOIN app.disclosures told ON told.clinic_id = d.clinic_id AND told.id = d.disclosure_id
   WHERE c.clinic_id = NEW.clinic_id AND c.id = NEW.consent_id;
  NEW.consented_regions  := COALESCE(NEW.consented_regions, '{}');
  NEW.disclosure_version := COALESCE(NEW.disclosure_version, 0);
  RETURN NEW;
END $$;
CREATE TRIGGER cite BEFORE INSERT ON app.sessions FOR EACH ROW EXECUTE FUNCTION app.cite_consent();

-- The sessions of before. It is no change of a session: not refused for those that have ended, and not recorded.
ALTER TABLE app.sessions DISABLE TRIGGER USER;
UPDATE app.sessions s
   SET consented_regions = COALESCE(c.regions, '{}'), disclosure_version = told.version
  FROM app.consents    c
  JOIN app.discussions d    ON d.clinic_id    = c.clinic_id AND d.id    = c.discussion_id
  JOIN app.disclosures told ON told.clinic_id = d.clinic_id AND told.id = d.disclosure_id
 WHERE c.clinic_id = s.clinic_id AND c.id = s.consent_id;
ALTER TABLE app.sessions ENABLE TRIGGER USER;

-- One for each way to read the report: newest first, a page after another. Regions have an index each, because none on the array
-- gives an order, and its operators aren't leakproof: under row-level security they would use none.
CREATE INDEX session_by_start      ON app.sessions (clinic_id, started_at, id);
CREATE INDEX session_by_disclosure ON app.sessions (clinic_id, disclosure_version, started_at, id);
CREATE INDEX session_on_cervical   ON app.sessions (clinic_id, started_at, id) WHERE 'cervical' = ANY (consented_regions);
CREATE INDEX session_on_thoracic   ON app.sessions (clinic_id, started_at, id) WHERE 'thoracic' = ANY (consented_regions);
CREATE INDEX session_on_lumbar     ON app.sessions (clinic_id, started_at, id) WHERE 'lumbar'   = ANY (consented_regions);
CREATE INDEX session_on_sacral     ON app.sessions (clinic_id, started_at, id) WHERE 'sacral'   = ANY (consented_regions);
CREATE INDEX session_on_pelvic     ON app.sessions (clinic_id, started_at, id) WHERE 'pelvic'   = ANY (consented_regions);
DROP INDEX app.session_practitioner;
CREATE INDEX session_practitioner  ON app.sessions (clinic_id, practitioner_id, started_at, id);

-- The story of one record is found by its patient, save what couldn't name one: a refused decision, a denial.
CREATE INDEX event_without_patient ON audit.events (clinic_id, subject_id, id) WHERE patient_id IS NULL AND subject_id IS NOT NULL;

-- Written down as it is now, so that verification knows it.
SELECT audit.record_present('app.sessions', '{consented_regions,disclosure_version}');
