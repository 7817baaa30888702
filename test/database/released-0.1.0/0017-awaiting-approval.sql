-- Screenings that wait for a second practitioner are looked for whenever somebody opens the start page: among the few with findings.

CREATE INDEX screening_with_findings ON app.screenings (clinic_id, id) WHERE findings <> '[]';
