-- Screening: published questionnaires, and screenings whose outcome the database derives from the answers.
-- The application can't write an outcome, a cleared region or a period: it has no right to those columns.

GRANT EXECUTE ON FUNCTION app.regions(), app.techniques(), app.utf8(jsonb) TO assent_app;

-- The texts of a JSON array; none where it isn't one.
CREATE FUNCTION app.texts(list jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END));


-- Questionnaires.

ALTER TABLE app.questionnaires
  ALTER clinic_id    SET DEFAULT app.clinic(),
  ALTER published_by SET DEFAULT app.actor();

CREATE FUNCTION app.publish_questionnaire() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  -- The clinic's row gives the number and makes two publications take turns.
  UPDATE app.clinics SET questionnaire_version = questionnaire_version + 1
   WHERE id = NEW.clinic_id RETURNING questionnaire_version INTO NEW.version;
  RETURN NEW;
END $$;
CREATE TRIGGER publish BEFORE INSERT ON app.questionnaires FOR EACH ROW EXECUTE FUNCTION app.publish_questionnaire();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.questionnaires FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE FUNCTION app.expand_questionnaire() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  undisclosed jsonb;
BEGIN
  INSERT INTO app.questionnaire_items (clinic_id, questionnaire_id, code, position, effect, regions, named_regions, adds_risks)
  SELECT NEW.clinic_id, NEW.id, item ->> 'code', position, item ->> 'effect', app.texts(item -> 'regions'),
         item ->> 'namedRegions', app.texts(item -> 'addsRisks')
    FROM jsonb_array_elements(NEW.content -> 'items') WITH ORDINALITY AS items (item, position);
  IF NOT FOUND THEN
    PERFORM app.refuse('questionnaire_has_items', 'a questionnaire needs at least one question');
  END IF;
  -- A risk that an answer adds must have its text in every current disclosure, or no consent could follow it.
  SELECT jsonb_agg(DISTINCT risk) INTO undisclosed
    FROM app.questionnaire_items i, unnest(i.adds_risks) AS risk, app.disclosures d
   WHERE i.clinic_id = NEW.clinic_id AND i.questionnaire_id = NEW.id AND d.clinic_id = NEW.clinic_id
     AND d.version = (SELECT max(version) FROM app.disclosures l WHERE l.clinic_id = d.clinic_id AND l.language = d.language)
     AND NOT EXISTS (SELECT FROM app.disclosure_risks r WHERE (r.clinic_id, r.disclosure_id, r.code) = (d.clinic_id, d.id, risk));
  IF undisclosed IS NOT NULL THEN
    PERFORM app.refuse('questionnaire_adds_disclosed_risks', 'the current disclosure doesn''t describe every risk that this questionnaire adds', undisclosed);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER expand AFTER INSERT ON app.questionnaires FOR EACH ROW EXECUTE FUNCTION app.expand_questionnaire();

CREATE POLICY read    ON app.questionnaires      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
CREATE POLICY publish ON app.questionnaires      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('published-text.write')));
CREATE POLICY read    ON app.questionnaire_items FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
GRANT SELECT ON app.questionnaires, app.questionnaire_items TO assent_app;
GRANT INSERT (language, content) ON app.questionnaires TO assent_app;


-- Screenings.

ALTER TABLE app.screenings
  ALTER clinic_id    SET DEFAULT app.clinic(),
  ALTER performed_by SET DEFAULT app.actor();

-- Until when a screening clears, by the clinic's policy.
CREATE FUNCTION app.screening_valid_until(screening app.screenings) RETURNS timestamptz
LANGUAGE sql STABLE
RETURN (SELECT screening.performed_at + make_interval(days => c.screening_valid_days) FROM app.clinics c WHERE c.id = screening.clinic_id);

CREATE FUNCTION app.screening_state(screening app.screenings, at timestamptz DEFAULT clock_timestamp()) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN screening.id IS NULL                         THEN 'none'
            WHEN screening.ended_because = 'change_reported' THEN 'change-reported'
            WHEN screening.unlicensed                        THEN 'unlicensed'
            WHEN screening.clears IS NULL                    THEN 'referred'
            WHEN screening.clears @> at                      THEN screening.outcome
            ELSE 'expired' END;

CREATE FUNCTION app.screen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  item         app.questionnaire_items;
  answer       jsonb;
  named        text[];
  barred       text[] := '{}';   -- absolutely
  barred_here  text[];           -- by one finding; what an approval never clears
  needs_advice text[] := '{}';
  problems     jsonb;
  published    app.questionnaires;
BEGIN
  PERFORM app.require_active_patient(NEW.clinic_id, NEW.patient_id, 'patient_archived');
  SELECT * INTO published FROM app.questionnaires WHERE clinic_id = NEW.clinic_id AND id = NEW.questionnaire_id;
  IF published.id IS NULL THEN
    PERFORM app.refuse('screening_of_questionnaire', 'there is no such questionnaire');
  END IF;
  IF EXISTS (SELECT FROM app.questionnaires newer
              WHERE newer.clinic_id = NEW.clinic_id AND newer.language = published.language AND newer.version > published.version) THEN
    PERFORM app.refuse('screening_uses_current_questionnaire', 'a newer version of this questionnaire is published');
  END IF;

  -- Every question is answered exactly once, and nothing else is.
  IF jsonb_typeof(NEW.answers) <> 'array' THEN
    PERFORM app.refuse('screening_answers_every_question', 'answers must be a list');
  END IF;
  SELECT jsonb_agg(DISTINCT code) INTO problems
    FROM (SELECT code FROM app.questionnaire_items i WHERE (i.clinic_id, i.questionnaire_id) = (NEW.clinic_id, published.id)
          EXCEPT SELECT a ->> 'code' FROM jsonb_array_elements(NEW.answers) AS a) AS unanswered;
  IF problems IS NOT NULL THEN
    PERFORM app.refuse('screening_answers_every_question', 'not every question is answered', problems);
  END IF;
  SELECT jsonb_agg(DISTINCT COALESCE(a ->> 'code', '')) INTO problems
    FROM jsonb_array_elements(NEW.answers) AS a
   WHERE (SELECT count(*) FROM jsonb_array_elements(NEW.answers) AS b WHERE b ->> 'code' = a ->> 'code') <> 1
      OR COALESCE(a ->> 'answer', '') NOT IN ('no', 'yes', 'unsure')
      OR jsonb_typeof(a -> 'regions') NOT IN ('array', 'null')
      OR jsonb_typeof(a -> 'note')    NOT IN ('string', 'null')
      OR NOT app.texts(a -> 'regions') <@ app.regions()
      OR NOT EXISTS (SELECT FROM app.questionnaire_items i
                      WHERE (i.clinic_id, i.questionnaire_id, i.code) = (NEW.clinic_id, published.id, a ->> 'code'));
  IF problems IS NOT NULL THEN
    PERFORM app.refuse('screening_answers_its_questions', 'an answer is given twice, isn''t no, yes or unsure, or belongs to no question', problems);
  END IF;

  -- Advice clears regions: it says who advised what, and when.
  IF NEW.advice IS NOT NULL
     AND NOT (jsonb_typeof(NEW.advice) = 'object' AND app.has_words(NEW.advice -> 'name') AND app.has_words(NEW.advice -> 'profession')
              AND app.has_words(NEW.advice -> 'text') AND app.has_words(NEW.advice -> 'date')
              AND NEW.advice ->> 'date' ~ '^\d{4}-\d{2}-\d{2}$' AND pg_input_is_valid(NEW.advice ->> 'date', 'date')) THEN
    PERFORM app.refuse('screening_advice_whole', 'advice needs a name, a profession, a date and a text');
  END IF;

  NEW.findings    := '[]';
  NEW.added_risks := '{}';
  FOR item IN
    SELECT * FROM app.questionnaire_items i WHERE (i.clinic_id, i.questionnaire_id) = (NEW.clinic_id, published.id) ORDER BY position
  LOOP
    SELECT a INTO answer FROM jsonb_array_elements(NEW.answers) AS a WHERE a ->> 'code' = item.code;
    -- "Not sure" is treated as yes until it is clarified.
    CONTINUE WHEN answer ->> 'answer' = 'no';

    named := app.texts(answer -> 'regions');
    IF item.named_regions = 'narrow' AND answer ->> 'answer' = 'yes' AND cardinality(named) > 0 THEN
      item.regions := named;
    END IF;
    barred_here := CASE WHEN item.effect        = 'absolute' THEN item.regions ELSE '{}' END
                || CASE WHEN item.named_regions = 'absolute' THEN named        ELSE '{}' END;
    barred_here := ARRAY(SELECT region FROM unnest(app.regions()) AS region WHERE region = ANY (barred_here));
    barred      := barred || barred_here;
    IF item.effect = 'relative' THEN
      needs_advice := needs_advice || item.regions;
    END IF;
    NEW.added_risks := NEW.added_risks || item.adds_risks;
    NEW.findings    := NEW.findings || jsonb_build_object(
      'code',          item.code,
      'answer',        answer ->> 'answer',
      'effect',        item.effect,
      'regions',       to_jsonb(item.regions),
      'barredRegions', to_jsonb(barred_here),
      'note',          answer ->> 'note');
  END LOOP;
  NEW.added_risks := ARRAY(SELECT DISTINCT risk FROM unnest(NEW.added_risks) AS risk ORDER BY risk);

  -- The patient's row, taken and changed, makes two screenings of one patient take turns at every isolation level.
  UPDATE app.patients SET latest_screening_id = NEW.id WHERE clinic_id = NEW.clinic_id AND id = NEW.patient_id;
  IF NOT FOUND THEN
    PERFORM app.refuse('screening_of_patient', 'there is no such patient');
  END IF;
  NEW.licence_id := app.require_licence(NEW.clinic_id, NEW.performed_by);
  -- The earlier screening's row is locked before the clock is read: a session that started while we waited lies before the end.
  PERFORM FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.patient_id = NEW.patient_id AND upper(s.clears) > now() FOR UPDATE;
  NEW.performed_at := clock_timestamp();
  UPDATE app.screenings s SET clears = tstzrange(lower(s.clears), NEW.performed_at)
   WHERE s.clinic_id = NEW.clinic_id AND s.patient_id = NEW.patient_id AND upper(s.clears) > NEW.performed_at;

  NEW.cleared_regions := ARRAY(SELECT region FROM unnest(app.regions()) AS region
                                WHERE region <> ALL (barred)
                                  AND (region <> ALL (needs_advice) OR NEW.advice IS NOT NULL));
  IF cardinality(NEW.cleared_regions) = 0 THEN
    NEW.outcome := 'referred';
    NEW.clears  := NULL;
  ELSE
    NEW.outcome := CASE WHEN NEW.findings = '[]' THEN 'cleared' ELSE 'cleared_with_precautions' END;
    NEW.clears  := tstzrange(NEW.performed_at, app.screening_valid_until(NEW));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER screen BEFORE INSERT ON app.screenings FOR EACH ROW EXECUTE FUNCTION app.screen();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.screenings FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
CREATE FUNCTION app.expand_screening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  INSERT INTO app.screening_regions (clinic_id, screening_id, region)
  SELECT NEW.clinic_id, NEW.id, unnest(NEW.cleared_regions)
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER expand AFTER INSERT OR UPDATE OF cleared_regions ON app.screenings FOR EACH ROW EXECUTE FUNCTION app.expand_screening();

CREATE POLICY read   ON app.screenings        FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record ON app.screenings        FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('screening.record')));
CREATE POLICY read   ON app.screening_regions FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
GRANT SELECT ON app.screenings, app.screening_regions TO assent_app;
GRANT INSERT (patient_id, questionnaire_id, answers, advice) ON app.screenings TO assent_app;
GRANT EXECUTE ON FUNCTION app.screening_valid_until(app.screenings), app.screening_state(app.screenings, timestamptz) TO assent_app;


-- Approvals: a second practitioner takes responsibility for the relative findings.

ALTER TABLE app.screening_approvals
  ALTER clinic_id   SET DEFAULT app.clinic(),
  ALTER approved_by SET DEFAULT app.actor();

-- The regions that are cleared once the findings are approved: all but those that a finding bars absolutely.
CREATE FUNCTION app.approvable_regions(screening app.screenings) RETURNS text[]
LANGUAGE sql IMMUTABLE
RETURN ARRAY(SELECT region FROM unnest(app.regions()) AS region
              WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(screening.findings) AS finding WHERE finding -> 'barredRegions' ? region));

CREATE FUNCTION app.approve_screening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  screening   app.screenings;
  valid_until timestamptz;
  cleared     text[];
BEGIN
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id;
  IF screening.id IS NULL THEN
    PERFORM app.refuse('approval_of_screening', 'there is no such screening');
  END IF;
  PERFORM app.require_active_patient(NEW.clinic_id, screening.patient_id, 'patient_archived');
  -- Takes turns with a newer screening of the same patient; the approval of one that was replaced clears nothing.
  UPDATE app.patients SET latest_screening_id = NEW.screening_id
   WHERE clinic_id = NEW.clinic_id AND id = screening.patient_id AND latest_screening_id = NEW.screening_id;
  IF NOT FOUND THEN
    PERFORM app.refuse('approval_of_latest_screening', 'the patient was screened again since');
  END IF;
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id FOR UPDATE;
  IF screening.ended_because = 'change_reported' THEN
    PERFORM app.refuse('approval_without_reported_change', 'the patient reported a change since: screen the patient again');
  END IF;
  IF screening.unlicensed THEN
    PERFORM app.refuse('approval_of_licensed_screening', 'the screening was recorded without a valid licence: screen the patient again');
  END IF;
  IF EXISTS (SELECT FROM app.screening_approvals a WHERE a.clinic_id = NEW.clinic_id AND a.screening_id = NEW.screening_id) THEN
    PERFORM app.refuse('screening_approvals_pkey', 'this screening is already approved');
  END IF;
  IF NOT app.has_words(NEW.reason) THEN
    PERFORM app.refuse('approval_has_reason', 'an approval needs a reason');
  END IF;
  IF screening.performed_by = NEW.approved_by THEN
    PERFORM app.refuse('approval_by_second_practitioner', 'the practitioner who screened can''t approve the findings');
  END IF;

  NEW.licence_id := app.require_licence(NEW.clinic_id, NEW.approved_by);
  cleared := app.approvable_regions(screening);
  IF cleared = screening.cleared_regions THEN
    PERFORM app.refuse('approval_clears_something', 'no finding of this screening waits for an approval: absolute contraindications can''t be approved');
  END IF;

  NEW.approved_at := clock_timestamp();
  valid_until     := app.screening_valid_until(screening);
  IF valid_until <= NEW.approved_at THEN
    PERFORM app.refuse('approval_while_valid', 'the screening is too old: screen the patient again');
  END IF;
  UPDATE app.screenings s
     SET outcome         = 'cleared_with_precautions',
         cleared_regions = cleared,
         clears          = COALESCE(s.clears, tstzrange(NEW.approved_at, valid_until))
   WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id;
  RETURN NEW;
END $$;
CREATE TRIGGER approve BEFORE INSERT ON app.screening_approvals FOR EACH ROW EXECUTE FUNCTION app.approve_screening();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.screening_approvals FOR EACH ROW EXECUTE FUNCTION audit.record_change('screening_id', 'by screening');

CREATE POLICY read    ON app.screening_approvals FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY approve ON app.screening_approvals FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('screening.approve')));
GRANT SELECT, INSERT (screening_id, reason) ON app.screening_approvals TO assent_app;
GRANT EXECUTE ON FUNCTION app.approvable_regions(app.screenings) TO assent_app;


-- For src/retention/retention.sql.

CREATE FUNCTION app.screening_entries(clinic uuid, patient uuid)
RETURNS TABLE (subject text, subject_id text, present jsonb, entered_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT 'screenings', s.id::text, to_jsonb(s), s.performed_at
    FROM app.screenings s WHERE s.clinic_id = clinic AND s.patient_id = patient
   UNION ALL
  SELECT 'screening_approvals', a.screening_id::text, to_jsonb(a), a.approved_at
    FROM app.screening_approvals a JOIN app.screenings s ON s.clinic_id = a.clinic_id AND s.id = a.screening_id
   WHERE s.clinic_id = clinic AND s.patient_id = patient;
END;

-- Which regions were cleared, when, and which risks had to be discussed, stays: sessions and consents rest on it.
CREATE FUNCTION app.erase_screenings(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  WITH screenings AS (
    UPDATE app.screenings s SET answers = '[]', findings = '[]', advice = NULL
     WHERE s.clinic_id = clinic AND s.patient_id = patient RETURNING 1),
  approvals AS (
    UPDATE app.screening_approvals a SET reason = '[erased]' FROM app.screenings s
     WHERE s.clinic_id = clinic AND s.patient_id = patient AND a.clinic_id = s.clinic_id AND a.screening_id = s.id RETURNING 1)
  SELECT jsonb_build_object('screenings', (SELECT count(*) FROM screenings), 'screening_approvals', (SELECT count(*) FROM approvals));
END;
