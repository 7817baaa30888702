-- Which discussions are to be continued and not begun anew: the start page, a patient's page and the start of a discussion ask alike.

-- Undecided, and nothing that it rests on was overtaken: by a newer screening, a newer decision, or a text that requires re-consent,
-- after which app.decide() refuses.
CREATE FUNCTION app.awaits_decision(discussion app.discussions) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM app.consents c WHERE c.clinic_id = discussion.clinic_id AND c.discussion_id = discussion.id)
         AND EXISTS (SELECT FROM app.patients p
                       JOIN app.clinics     c ON c.id = p.clinic_id
                       JOIN app.disclosures d ON d.clinic_id = p.clinic_id AND d.id = discussion.disclosure_id AND d.version >= c.reconsent_version
                      WHERE p.clinic_id = discussion.clinic_id AND p.id = discussion.patient_id
                        AND p.latest_screening_id = discussion.screening_id
                        AND (p.latest_consent_id IS NULL OR p.latest_consent_id < discussion.id));
END;
GRANT EXECUTE ON FUNCTION app.awaits_decision(app.discussions) TO assent_app;
