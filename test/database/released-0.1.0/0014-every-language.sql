-- Whatever language somebody reads, they are told the same risks. A disclosure in one language can't be published without a risk that
-- is told in another, and where another language has got one since, no discussion begins with the text that lacks it.

-- The codes of risks that the clinic's current disclosures in other languages tell and this one doesn't, or only after some
-- findings where they are always told elsewhere. Those that a later version has outdated, by requiring re-consent, don't count.
CREATE FUNCTION app.untold_risks(disclosure app.disclosures) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT jsonb_agg(DISTINCT told.code)
    FROM app.clinics c
    JOIN app.disclosures other    ON other.clinic_id = c.id AND other.language <> disclosure.language AND other.version >= c.reconsent_version
    JOIN app.disclosure_risks told ON told.clinic_id = other.clinic_id AND told.disclosure_id = other.id
   WHERE c.id = disclosure.clinic_id
     AND NOT EXISTS (SELECT FROM app.disclosures later
                      WHERE later.clinic_id = other.clinic_id AND later.language = other.language AND later.version > other.version)
     AND NOT EXISTS (SELECT FROM app.disclosure_risks r
                      WHERE r.clinic_id = disclosure.clinic_id AND r.disclosure_id = disclosure.id AND r.code = told.code AND (r.always OR NOT told.always));
END;
GRANT EXECUTE ON FUNCTION app.untold_risks(app.disclosures) TO assent_app;

CREATE FUNCTION app.tell_every_risk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  untold jsonb := app.untold_risks(NEW);
BEGIN
  -- One that requires re-consent outdates the others: they follow it, and not it them.
  IF NOT NEW.requires_reconsent AND untold IS NOT NULL THEN
    PERFORM app.refuse('disclosure_tells_every_risk', 'the disclosure lacks risks that are told in another language', untold);
  END IF;
  RETURN NULL;
END $$;
-- After the trigger "expand", which makes the rows of its risks: triggers fire in the order of their names.
CREATE TRIGGER tell_every_risk AFTER INSERT ON app.disclosures FOR EACH ROW EXECUTE FUNCTION app.tell_every_risk();

CREATE FUNCTION app.discuss_every_risk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  untold jsonb;
BEGIN
  SELECT app.untold_risks(d) INTO untold FROM app.disclosures d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.disclosure_id;
  IF untold IS NOT NULL THEN
    PERFORM app.refuse('discussion_tells_every_risk', format('the disclosure in the language %L lacks risks that are told in another', NEW.language), untold);
  END IF;
  RETURN NEW;
END $$;
-- After the trigger "open", which chooses the disclosure.
CREATE TRIGGER tell_every_risk BEFORE INSERT ON app.discussions FOR EACH ROW EXECUTE FUNCTION app.discuss_every_risk();
