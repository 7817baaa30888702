-- Screening: published questionnaires, and screenings whose outcome the database derives from the answers.
-- The application can't write an outcome, a cleared region or a period: it has no right to those columns.

CREATE FUNCTION app.regions() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ARRAY['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'];

CREATE FUNCTION app.techniques() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ARRAY['hvla_thrust', 'mobilisation', 'traction', 'rotation', 'instrument', 'drop_table'];

CREATE FUNCTION app.utf8(content jsonb) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN convert_to(content::text, 'UTF8');

-- The texts of a JSON array; none where it isn't one.
CREATE FUNCTION app.texts(list jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN ARRAY(SELECT jsonb_array_elements_text(CASE jsonb_typeof(list) WHEN 'array' THEN list ELSE '[]' END));

CREATE TABLE app.questionnaires (
  clinic_id      uuid        NOT NULL DEFAULT app.clinic() REFERENCES app.clinics,
  id             uuid        NOT NULL DEFAULT uuidv7(),
  version        integer     NOT NULL,
  language       text        NOT NULL,
  content        jsonb       NOT NULL,
  content_sha256 bytea       NOT NULL GENERATED ALWAYS AS (sha256(app.utf8(content))) STORED,
  published_by   uuid        NOT NULL DEFAULT app.actor(),
  published_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT questionnaire_version_unique UNIQUE (clinic_id, version),
  CONSTRAINT questionnaire_published_by   FOREIGN KEY (clinic_id, published_by) REFERENCES app.staff (clinic_id, id)
);
COMMENT ON COLUMN app.questionnaires.content IS 'As published and as shown: title, introduction, items. The rows of questionnaire_items are derived from it.';
CREATE INDEX questionnaire_published_by ON app.questionnaires (clinic_id, published_by);
CREATE INDEX questionnaire_current      ON app.questionnaires (clinic_id, language, version DESC);

CREATE TABLE app.questionnaire_items (
  clinic_id        uuid     NOT NULL,
  questionnaire_id uuid     NOT NULL,
  code             text     NOT NULL,
  position         smallint NOT NULL,
  effect           text     NOT NULL,
  regions          text[]   NOT NULL,
  named_regions    text     NOT NULL,
  adds_risks       text[]   NOT NULL,
  PRIMARY KEY (clinic_id, questionnaire_id, code),
  CONSTRAINT questionnaire_item_of         FOREIGN KEY (clinic_id, questionnaire_id) REFERENCES app.questionnaires (clinic_id, id),
  CONSTRAINT questionnaire_item_code       CHECK (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  CONSTRAINT questionnaire_item_effect     CHECK (effect IN ('absolute', 'relative')),
  CONSTRAINT questionnaire_item_regions    CHECK (cardinality(regions) > 0 AND regions <@ app.regions()),
  CONSTRAINT questionnaire_item_named      CHECK (named_regions IN ('not_asked', 'narrow', 'absolute')),
  CONSTRAINT questionnaire_item_adds_risks CHECK (array_position(adds_risks, NULL) IS NULL)
);
COMMENT ON COLUMN app.questionnaire_items.effect  IS 'absolute: bars its regions whatever anybody says. relative: bars them until medical advice or a second practitioner''s approval is recorded.';
COMMENT ON COLUMN app.questionnaire_items.named_regions IS 'What the regions named in an answer do. narrow: only those are barred, all if none are named. absolute: those are barred absolutely, in addition.';

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

CREATE FUNCTION app.expand_questionnaire() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  untold jsonb;
BEGIN
  INSERT INTO app.questionnaire_items (clinic_id, questionnaire_id, code, position, effect, regions, named_regions, adds_risks)
  SELECT NEW.clinic_id, NEW.id, item ->> 'code', position, item ->> 'effect', app.texts(item -> 'regions'),
         item ->> 'namedRegions', app.texts(item -> 'addsRisks')
    FROM jsonb_array_elements(NEW.content -> 'items') WITH ORDINALITY AS items (item, position);
  IF NOT FOUND THEN
    PERFORM app.refuse('questionnaire_has_items', 'a questionnaire needs at least one question');
  END IF;
  -- A risk that an answer adds must have its text in every current disclosure, or no consent could follow it.
  SELECT jsonb_agg(DISTINCT risk) INTO untold
    FROM app.questionnaire_items i, unnest(i.adds_risks) AS risk, app.disclosures d
   WHERE i.clinic_id = NEW.clinic_id AND i.questionnaire_id = NEW.id AND d.clinic_id = NEW.clinic_id
     AND d.version = (SELECT max(version) FROM app.disclosures l WHERE l.clinic_id = d.clinic_id AND l.language = d.language)
     AND NOT EXISTS (SELECT FROM app.disclosure_risks r WHERE (r.clinic_id, r.disclosure_id, r.code) = (d.clinic_id, d.id, risk));
  IF untold IS NOT NULL THEN
    PERFORM app.refuse('questionnaire_adds_told_risks', 'the current disclosure doesn''t describe every risk that this questionnaire adds', untold);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER expand AFTER INSERT ON app.questionnaires FOR EACH ROW EXECUTE FUNCTION app.expand_questionnaire();


CREATE TABLE app.screenings (
  clinic_id        uuid        NOT NULL DEFAULT app.clinic(),
  id               uuid        NOT NULL DEFAULT uuidv7(),
  patient_id       uuid        NOT NULL,
  questionnaire_id uuid        NOT NULL,
  answers          jsonb       NOT NULL,
  advice           jsonb,
  performed_by     uuid        NOT NULL DEFAULT app.actor(),
  performed_at     timestamptz NOT NULL,
  -- Everything below is derived from the answers by app.screen().
  outcome          text        NOT NULL,
  findings         jsonb       NOT NULL,
  added_risks      text[]      NOT NULL,
  cleared_regions  text[]      NOT NULL,
  -- NULL: referred, so that no session can cite it.
  clears           tstzrange,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT screening_of_patient       FOREIGN KEY (clinic_id, patient_id)       REFERENCES app.patients (clinic_id, id),
  CONSTRAINT screening_of_questionnaire FOREIGN KEY (clinic_id, questionnaire_id) REFERENCES app.questionnaires (clinic_id, id),
  CONSTRAINT screening_performed_by     FOREIGN KEY (clinic_id, performed_by)     REFERENCES app.staff (clinic_id, id),
  CONSTRAINT screening_outcome_known    CHECK (outcome IN ('cleared', 'cleared_with_precautions', 'referred')),
  CONSTRAINT screening_referred_clears_nothing CHECK ((outcome = 'referred') = (clears IS NULL)),
  CONSTRAINT screening_advice_whole     CHECK (advice IS NULL OR (advice ?& ARRAY['name', 'profession', 'date', 'text'])),
  -- What a session cites.
  CONSTRAINT screening_clearing_period  UNIQUE (clinic_id, id, patient_id, clears WITHOUT OVERLAPS),
  -- At any instant at most one screening clears a patient.
  CONSTRAINT screening_one_at_a_time    UNIQUE (clinic_id, patient_id, clears WITHOUT OVERLAPS)
);
CREATE INDEX screening_of_patient       ON app.screenings (clinic_id, patient_id, performed_at);
CREATE INDEX screening_of_questionnaire ON app.screenings (clinic_id, questionnaire_id);
CREATE INDEX screening_performed_by     ON app.screenings (clinic_id, performed_by);

CREATE TABLE app.screening_regions (
  clinic_id    uuid NOT NULL,
  screening_id uuid NOT NULL,
  region       text NOT NULL,
  PRIMARY KEY (clinic_id, screening_id, region),
  CONSTRAINT screening_region_of FOREIGN KEY (clinic_id, screening_id) REFERENCES app.screenings (clinic_id, id)
);

CREATE FUNCTION app.screen() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic       app.clinics;
  item         app.questionnaire_items;
  answer       jsonb;
  named        text[];
  barred       text[] := '{}';   -- absolutely
  barred_here  text[];           -- by one finding; what an approval never clears
  needs_advice text[] := '{}';
  problems     jsonb;
  published    app.questionnaires;
BEGIN
  SELECT * INTO clinic    FROM app.clinics        WHERE id = NEW.clinic_id;
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
      OR NOT app.texts(a -> 'regions') <@ app.regions()
      OR NOT EXISTS (SELECT FROM app.questionnaire_items i
                      WHERE (i.clinic_id, i.questionnaire_id, i.code) = (NEW.clinic_id, published.id, a ->> 'code'));
  IF problems IS NOT NULL THEN
    PERFORM app.refuse('screening_answers_its_questions', 'an answer is given twice, isn''t no, yes or unsure, or belongs to no question', problems);
  END IF;

  NEW.findings    := '[]';
  NEW.added_risks := '{}';
  FOR item IN
    SELECT * FROM app.questionnaire_items i WHERE (i.clinic_id, i.questionnaire_id) = (NEW.clinic_id, published.id) ORDER BY position
  LOOP
    SELECT a INTO answer FROM jsonb_array_elements(NEW.answers) AS a WHERE a ->> 'code' = item.code;
    -- "Not sure" counts as yes until somebody knows better.
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
    NEW.clears  := tstzrange(NEW.performed_at, NEW.performed_at + make_interval(days => clinic.screening_valid_days));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER screen BEFORE INSERT ON app.screenings FOR EACH ROW EXECUTE FUNCTION app.screen();

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


-- A second practitioner takes responsibility for the relative findings.
CREATE TABLE app.screening_approvals (
  clinic_id    uuid        NOT NULL DEFAULT app.clinic(),
  screening_id uuid        NOT NULL,
  reason       text        NOT NULL,
  approved_by  uuid        NOT NULL DEFAULT app.actor(),
  approved_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, screening_id),
  CONSTRAINT approval_of_screening FOREIGN KEY (clinic_id, screening_id) REFERENCES app.screenings (clinic_id, id),
  CONSTRAINT approval_approved_by  FOREIGN KEY (clinic_id, approved_by)  REFERENCES app.staff (clinic_id, id),
  CONSTRAINT approval_has_reason   CHECK (reason ~ '\S')
);
CREATE INDEX approval_approved_by ON app.screening_approvals (clinic_id, approved_by);

CREATE FUNCTION app.approve_screening() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  screening app.screenings;
  valid_days integer := (SELECT screening_valid_days FROM app.clinics WHERE id = NEW.clinic_id);
  barred    text[];
  cleared   text[];
BEGIN
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id;
  IF screening.id IS NULL THEN
    PERFORM app.refuse('approval_of_screening', 'there is no such screening');
  END IF;
  -- Takes turns with a newer screening of the same patient; the approval of one that was replaced clears nothing.
  UPDATE app.patients SET latest_screening_id = NEW.screening_id
   WHERE clinic_id = NEW.clinic_id AND id = screening.patient_id AND latest_screening_id = NEW.screening_id;
  IF NOT FOUND THEN
    PERFORM app.refuse('approval_of_latest_screening', 'the patient was screened again since');
  END IF;
  SELECT * INTO screening FROM app.screenings s WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id FOR UPDATE;
  IF EXISTS (SELECT FROM app.screening_approvals a WHERE a.clinic_id = NEW.clinic_id AND a.screening_id = NEW.screening_id) THEN
    PERFORM app.refuse('screening_approvals_pkey', 'this screening is already approved');
  END IF;
  IF screening.performed_by = NEW.approved_by THEN
    PERFORM app.refuse('approval_by_second_practitioner', 'the practitioner who screened can''t approve the findings');
  END IF;

  SELECT COALESCE(array_agg(region), '{}') INTO barred
    FROM jsonb_array_elements(screening.findings) AS finding, jsonb_array_elements_text(finding -> 'barredRegions') AS region;
  cleared := ARRAY(SELECT region FROM unnest(app.regions()) AS region WHERE region <> ALL (barred));
  IF cleared = screening.cleared_regions THEN
    PERFORM app.refuse('approval_clears_something', 'no finding of this screening waits for an approval: absolute contraindications can''t be approved');
  END IF;

  NEW.approved_at := clock_timestamp();
  IF screening.performed_at + make_interval(days => valid_days) <= NEW.approved_at THEN
    PERFORM app.refuse('approval_while_valid', 'the screening is too old: screen the patient again');
  END IF;
  UPDATE app.screenings s
     SET outcome         = 'cleared_with_precautions',
         cleared_regions = cleared,
         clears          = COALESCE(s.clears, tstzrange(NEW.approved_at, s.performed_at + make_interval(days => valid_days)))
   WHERE s.clinic_id = NEW.clinic_id AND s.id = NEW.screening_id;
  RETURN NEW;
END $$;
CREATE TRIGGER approve BEFORE INSERT ON app.screening_approvals FOR EACH ROW EXECUTE FUNCTION app.approve_screening();


ALTER TABLE app.questionnaires      ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.questionnaire_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.screenings          ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.screening_regions   ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.screening_approvals ENABLE ROW LEVEL SECURITY;
CREATE POLICY read    ON app.questionnaires      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
CREATE POLICY publish ON app.questionnaires      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('published-text.write')));
CREATE POLICY read    ON app.questionnaire_items FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
CREATE POLICY read    ON app.screenings          FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record  ON app.screenings          FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('screening.record')));
CREATE POLICY read    ON app.screening_regions   FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY read    ON app.screening_approvals FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY approve ON app.screening_approvals FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('screening.approve')));
GRANT SELECT ON app.questionnaires, app.questionnaire_items, app.screenings, app.screening_regions, app.screening_approvals TO assent_app;
GRANT INSERT (language, content)                              ON app.questionnaires      TO assent_app;
GRANT INSERT (patient_id, questionnaire_id, answers, advice)  ON app.screenings          TO assent_app;
GRANT INSERT (screening_id, reason)                           ON app.screening_approvals TO assent_app;
GRANT EXECUTE ON FUNCTION app.regions(), app.techniques(), app.utf8(jsonb) TO assent_app;
