-- Consent: published disclosures, discussions, each risk discussed, and decisions. A decision to consent can't be
-- written unless every required risk was discussed, one by one, in the discussion that it rests on.

CREATE TABLE app.disclosures (
  clinic_id          uuid        NOT NULL DEFAULT app.clinic() REFERENCES app.clinics,
  id                 uuid        NOT NULL DEFAULT uuidv7(),
  version            integer     NOT NULL,
  language           text        NOT NULL,
  content            jsonb       NOT NULL,
  content_sha256     bytea       NOT NULL GENERATED ALWAYS AS (sha256(app.utf8(content))) STORED,
  requires_reconsent boolean     NOT NULL DEFAULT false,
  published_by       uuid        NOT NULL DEFAULT app.actor(),
  published_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT disclosure_version_unique UNIQUE (clinic_id, version),
  CONSTRAINT disclosure_published_by   FOREIGN KEY (clinic_id, published_by) REFERENCES app.staff (clinic_id, id)
);
COMMENT ON COLUMN app.disclosures.content IS 'As published and as shown: introduction, benefits, uncertainty, alternatives, risks. The rows of disclosure_risks are derived from it.';
CREATE INDEX disclosure_published_by ON app.disclosures (clinic_id, published_by);
CREATE INDEX disclosure_current      ON app.disclosures (clinic_id, language, version DESC);

CREATE TABLE app.disclosure_risks (
  clinic_id     uuid     NOT NULL,
  disclosure_id uuid     NOT NULL,
  code          text     NOT NULL,
  position      smallint NOT NULL,
  title         text     NOT NULL,
  wording       text     NOT NULL,
  always        boolean  NOT NULL,
  PRIMARY KEY (clinic_id, disclosure_id, code),
  CONSTRAINT disclosure_risk_of      FOREIGN KEY (clinic_id, disclosure_id) REFERENCES app.disclosures (clinic_id, id),
  CONSTRAINT disclosure_risk_code    CHECK (code ~ '^[a-z][a-z0-9_]{1,59}$'),
  CONSTRAINT disclosure_risk_wording CHECK (title ~ '\S' AND wording ~ '\S')
);
COMMENT ON COLUMN app.disclosure_risks.always IS 'false: discussed only with patients whose screening adds it.';

CREATE FUNCTION app.publish_disclosure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  -- The clinic's row gives the number. Decisions read the row under a lock that conflicts with this update, so a consent
  -- is either written before (and closed by app.expand_disclosure) or sees the new version.
  UPDATE app.clinics
     SET disclosure_version = disclosure_version + 1,
         reconsent_version  = CASE WHEN NEW.requires_reconsent THEN disclosure_version + 1 ELSE reconsent_version END
   WHERE id = NEW.clinic_id
  RETURNING disclosure_version INTO NEW.version;
  RETURN NEW;
END $$;
CREATE TRIGGER publish BEFORE INSERT ON app.disclosures FOR EACH ROW EXECUTE FUNCTION app.publish_disclosure();


CREATE TABLE app.discussions (
  clinic_id       uuid        NOT NULL DEFAULT app.clinic(),
  id              uuid        NOT NULL DEFAULT uuidv7(),
  patient_id      uuid        NOT NULL,
  screening_id    uuid        NOT NULL,
  disclosure_id   uuid        NOT NULL,
  regions         text[]      NOT NULL,
  techniques      text[]      NOT NULL,
  aim             text        NOT NULL,
  mode            text        NOT NULL,
  language        text        NOT NULL,
  interpreter     text,
  practitioner_id uuid        NOT NULL DEFAULT app.actor(),
  opened_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT discussion_patient       UNIQUE (clinic_id, id, patient_id),
  CONSTRAINT discussion_of_patient    FOREIGN KEY (clinic_id, patient_id)      REFERENCES app.patients (clinic_id, id),
  CONSTRAINT discussion_of_screening  FOREIGN KEY (clinic_id, screening_id)    REFERENCES app.screenings (clinic_id, id),
  CONSTRAINT discussion_of_disclosure FOREIGN KEY (clinic_id, disclosure_id)   REFERENCES app.disclosures (clinic_id, id),
  CONSTRAINT discussion_practitioner  FOREIGN KEY (clinic_id, practitioner_id) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT discussion_regions_known    CHECK (cardinality(regions)    > 0 AND regions    <@ app.regions()),
  CONSTRAINT discussion_techniques_known CHECK (cardinality(techniques) > 0 AND techniques <@ app.techniques()),
  CONSTRAINT discussion_mode_known       CHECK (mode IN ('in_person', 'video', 'phone')),
  CONSTRAINT discussion_has_aim          CHECK (aim ~ '\S')
);
CREATE INDEX discussion_of_patient    ON app.discussions (clinic_id, patient_id);
CREATE INDEX discussion_of_screening  ON app.discussions (clinic_id, screening_id);
CREATE INDEX discussion_of_disclosure ON app.discussions (clinic_id, disclosure_id);
CREATE INDEX discussion_practitioner  ON app.discussions (clinic_id, practitioner_id);

-- A discussion rests on the patient's latest screening (its findings add risks) and the current disclosure.
CREATE FUNCTION app.open_discussion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  patient app.patients;
  newest  integer;
BEGIN
  SELECT * INTO patient FROM app.patients p WHERE p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
  IF patient.id IS NULL THEN
    PERFORM app.refuse('discussion_of_patient', 'there is no such patient');
  END IF;
  IF patient.latest_screening_id IS NULL THEN
    PERFORM app.refuse('discussion_needs_screening', 'screen the patient first: findings add risks to discuss');
  END IF;
  NEW.screening_id := patient.latest_screening_id;
  SELECT id, version INTO NEW.disclosure_id, newest FROM app.disclosures d
   WHERE d.clinic_id = NEW.clinic_id AND d.language = NEW.language ORDER BY version DESC LIMIT 1;
  IF newest IS NULL THEN
    PERFORM app.refuse('discussion_language_published', format('no disclosure is published in the language %L', NEW.language));
  END IF;
  -- A version in another language required re-consent since: no consent could follow this one.
  IF newest < (SELECT reconsent_version FROM app.clinics WHERE id = NEW.clinic_id) THEN
    PERFORM app.refuse('discussion_needs_current_disclosure', format('the disclosure in the language %L is outdated', NEW.language));
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER open BEFORE INSERT ON app.discussions FOR EACH ROW EXECUTE FUNCTION app.open_discussion();

-- The risks to discuss: those of the disclosure's version, those that the screening added when the discussion was
-- opened, and those that the patient's latest screening adds now.
CREATE FUNCTION app.required_risks(discussion app.discussions) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT r.code FROM app.disclosure_risks r
   WHERE r.clinic_id = discussion.clinic_id AND r.disclosure_id = discussion.disclosure_id AND r.always
   UNION
  SELECT unnest(s.added_risks) FROM app.screenings s
   WHERE s.clinic_id = discussion.clinic_id AND s.id = discussion.screening_id
   UNION
  SELECT unnest(s.added_risks)
    FROM app.patients p
    JOIN app.screenings s ON s.clinic_id = p.clinic_id AND s.id = p.latest_screening_id
   WHERE p.clinic_id = discussion.clinic_id AND p.id = discussion.patient_id;
END;


CREATE TABLE app.discussed_risks (
  clinic_id     uuid        NOT NULL DEFAULT app.clinic(),
  discussion_id uuid        NOT NULL,
  code          text        NOT NULL,
  title         text        NOT NULL,
  wording       text        NOT NULL,
  question      text,
  answer        text,
  discussed_by  uuid        NOT NULL DEFAULT app.actor(),
  discussed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (clinic_id, discussion_id, code),
  CONSTRAINT discussed_risk_in_discussion FOREIGN KEY (clinic_id, discussion_id) REFERENCES app.discussions (clinic_id, id),
  CONSTRAINT discussed_risk_by            FOREIGN KEY (clinic_id, discussed_by)  REFERENCES app.staff (clinic_id, id)
);
COMMENT ON COLUMN app.discussed_risks.wording IS 'As it was shown: copied from the disclosure by the database.';
CREATE INDEX discussed_risk_by ON app.discussed_risks (clinic_id, discussed_by);

CREATE FUNCTION app.discuss_risk() RETURNS trigger
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
CREATE TRIGGER discuss BEFORE INSERT OR UPDATE ON app.discussed_risks FOR EACH ROW EXECUTE FUNCTION app.discuss_risk();


CREATE TABLE app.consents (
  clinic_id                   uuid        NOT NULL DEFAULT app.clinic(),
  id                          uuid        NOT NULL DEFAULT uuidv7(),
  discussion_id               uuid        NOT NULL,
  patient_id                  uuid        NOT NULL,
  decision                    text        NOT NULL,
  regions                     text[],
  decided_by                  text        NOT NULL,
  representative_id           uuid,
  capacity_confirmed          boolean     NOT NULL DEFAULT false,
  alternatives_discussed      boolean     NOT NULL DEFAULT false,
  right_to_withdraw_told      boolean     NOT NULL DEFAULT false,
  teach_back                  text,
  signature                   jsonb,
  witness                     jsonb,
  recorded_by                 uuid        NOT NULL DEFAULT app.actor(),
  decided_at                  timestamptz NOT NULL,
  decided                     tstzrange   NOT NULL GENERATED ALWAYS AS (tstzrange(decided_at, decided_at, '[]')) STORED,
  -- SHA-256 of everything that was shown and discussed, and of that together with the signature.
  shown_sha256                bytea       NOT NULL,
  signed_sha256               bytea,
  -- NULL: refused, so that no session can cite it.
  in_force                    tstzrange,
  ended_because               text,
  withdrawn_at                timestamptz,
  withdrawn                   tstzrange   GENERATED ALWAYS AS (CASE WHEN withdrawn_at IS NOT NULL THEN tstzrange(withdrawn_at, withdrawn_at, '[]') END) STORED,
  withdrawn_by                text,
  withdrawn_by_representative uuid,
  withdrawal_reason           text,
  withdrawal_recorded_by      uuid,
  PRIMARY KEY (clinic_id, id),
  CONSTRAINT consent_once_per_discussion UNIQUE (clinic_id, discussion_id),
  CONSTRAINT consent_follows_discussion  FOREIGN KEY (clinic_id, discussion_id, patient_id) REFERENCES app.discussions (clinic_id, id, patient_id),
  CONSTRAINT consent_of_patient          FOREIGN KEY (clinic_id, patient_id)  REFERENCES app.patients (clinic_id, id),
  CONSTRAINT consent_recorded_by         FOREIGN KEY (clinic_id, recorded_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT consent_withdrawal_recorded_by FOREIGN KEY (clinic_id, withdrawal_recorded_by) REFERENCES app.staff (clinic_id, id),
  CONSTRAINT consent_needs_authority     FOREIGN KEY (clinic_id, representative_id, patient_id, PERIOD decided)
                                         REFERENCES app.representatives (clinic_id, id, patient_id, PERIOD valid),
  CONSTRAINT withdrawal_needs_authority  FOREIGN KEY (clinic_id, withdrawn_by_representative, patient_id, PERIOD withdrawn)
                                         REFERENCES app.representatives (clinic_id, id, patient_id, PERIOD valid),
  CONSTRAINT consent_decision_known      CHECK (decision IN ('given', 'refused')),
  CONSTRAINT consent_decider_known       CHECK (decided_by IN ('patient', 'representative')),
  CONSTRAINT consent_names_representative CHECK ((decided_by = 'representative') = (representative_id IS NOT NULL)),
  CONSTRAINT consent_refused_not_in_force CHECK ((decision = 'given') = (in_force IS NOT NULL)),
  CONSTRAINT consent_needs_alternatives  CHECK (decision = 'refused' OR alternatives_discussed),
  CONSTRAINT consent_needs_right_to_withdraw CHECK (decision = 'refused' OR right_to_withdraw_told),
  CONSTRAINT consent_needs_teach_back    CHECK (decision = 'refused' OR COALESCE(teach_back ~ '\S', false)),
  CONSTRAINT consent_needs_signature     CHECK (decision = 'refused' OR COALESCE(signature ->> 'name' ~ '\S', false)),
  CONSTRAINT consent_ended_known         CHECK (ended_because IN ('withdrawn', 'replaced', 'outdated')),
  CONSTRAINT consent_withdrawal_whole    CHECK (num_nulls(withdrawn_at, withdrawn_by, withdrawal_reason, withdrawal_recorded_by) IN (0, 4)
                                            AND (ended_because = 'withdrawn') IS NOT DISTINCT FROM (CASE WHEN ended_because IS NULL THEN NULL ELSE withdrawn_at IS NOT NULL END)),
  CONSTRAINT consent_withdrawer_known    CHECK (withdrawn_by IN ('patient', 'representative')),
  CONSTRAINT consent_withdrawer_named    CHECK ((withdrawn_by = 'representative') IS NOT DISTINCT FROM (CASE WHEN withdrawn_by IS NULL THEN NULL ELSE withdrawn_by_representative IS NOT NULL END)),
  -- What a session and each manipulation cite.
  CONSTRAINT consent_period_in_force     UNIQUE (clinic_id, id, patient_id, in_force WITHOUT OVERLAPS),
  -- At any instant at most one consent of a patient is in force.
  CONSTRAINT consent_one_at_a_time       UNIQUE (clinic_id, patient_id, in_force WITHOUT OVERLAPS)
);
CREATE INDEX consent_of_patient             ON app.consents (clinic_id, patient_id, decided_at);
CREATE INDEX consent_of_representative      ON app.consents (clinic_id, representative_id) WHERE representative_id IS NOT NULL;
CREATE INDEX consent_withdrawn_by           ON app.consents (clinic_id, withdrawn_by_representative) WHERE withdrawn_by_representative IS NOT NULL;
CREATE INDEX consent_recorded_by            ON app.consents (clinic_id, recorded_by);
CREATE INDEX consent_withdrawal_recorded_by ON app.consents (clinic_id, withdrawal_recorded_by) WHERE withdrawal_recorded_by IS NOT NULL;

CREATE TABLE app.consent_scope (
  clinic_id  uuid NOT NULL,
  consent_id uuid NOT NULL,
  region     text NOT NULL,
  technique  text NOT NULL,
  PRIMARY KEY (clinic_id, consent_id, region, technique),
  CONSTRAINT consent_scope_of FOREIGN KEY (clinic_id, consent_id) REFERENCES app.consents (clinic_id, id)
);

CREATE FUNCTION app.decide() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic     app.clinics;
  discussion app.discussions;
  patient    app.patients;
  adult_from timestamptz;
  missing    jsonb;
  lasts_till timestamptz;
BEGIN
  -- Locks, in this order everywhere: clinic (against a publication), patient (against another decision, a correction of
  -- the birth date), discussion (against another risk), earlier consent (against a session that starts).
  SELECT * INTO clinic     FROM app.clinics     c WHERE c.id = NEW.clinic_id FOR SHARE;
  SELECT * INTO discussion FROM app.discussions d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id;
  IF discussion.id IS NULL THEN
    PERFORM app.refuse('consent_follows_discussion', 'there is no such discussion');
  END IF;
  NEW.patient_id := discussion.patient_id;
  UPDATE app.patients p SET latest_consent_id = NEW.id
   WHERE p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id RETURNING * INTO patient;
  PERFORM FROM app.discussions d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id FOR UPDATE;
  IF EXISTS (SELECT FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.discussion_id = NEW.discussion_id) THEN
    PERFORM app.refuse('consent_once_per_discussion', 'the decision on this discussion is already recorded: open a new discussion');
  END IF;
  PERFORM FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.patient_id = NEW.patient_id AND upper(c.in_force) > now() FOR UPDATE;
  NEW.decided_at := clock_timestamp();
  adult_from     := app.comes_of_age(patient.birth_date, clinic.adult_age_years, clinic.time_zone);

  IF NEW.decision = 'given' THEN
    IF (SELECT version FROM app.disclosures d WHERE d.clinic_id = NEW.clinic_id AND d.id = discussion.disclosure_id) < clinic.reconsent_version THEN
      PERFORM app.refuse('consent_needs_current_disclosure', 'a newer disclosure must be discussed: open a new discussion');
    END IF;
    SELECT jsonb_agg(code ORDER BY code) INTO missing
      FROM (SELECT app.required_risks(discussion) AS code
            EXCEPT
            SELECT code FROM app.discussed_risks r WHERE r.clinic_id = NEW.clinic_id AND r.discussion_id = NEW.discussion_id) AS undiscussed;
    IF missing IS NOT NULL THEN
      PERFORM app.refuse('consent_needs_every_risk_discussed', 'not every risk was discussed', missing);
    END IF;
    IF NEW.decided_by = 'patient' AND NEW.decided_at < adult_from THEN
      PERFORM app.refuse('consent_of_minor_needs_representative', 'a minor consents through a representative');
    END IF;
    IF NEW.decided_by = 'patient' AND NOT NEW.capacity_confirmed THEN
      PERFORM app.refuse('consent_without_capacity_needs_representative', 'a patient without capacity consents through a representative');
    END IF;
    IF NEW.decided_by = 'representative' AND NEW.decided_at >= adult_from AND NEW.capacity_confirmed THEN
      PERFORM app.refuse('consent_of_adult_with_capacity_is_personal', 'an adult with capacity decides personally');
    END IF;
    NEW.regions := COALESCE(NEW.regions, discussion.regions);
    IF cardinality(NEW.regions) = 0 OR NOT NEW.regions <@ discussion.regions THEN
      PERFORM app.refuse('consent_within_discussed_regions', 'consent covers regions that were discussed');
    END IF;
    -- In force for as long as the policy says; a representative's decision no longer than the authority, and for a minor
    -- no longer than the minority.
    lasts_till := NEW.decided_at + make_interval(days => clinic.consent_valid_days);
    IF NEW.decided_by = 'representative' THEN
      lasts_till := LEAST(lasts_till, CASE WHEN adult_from > NEW.decided_at THEN adult_from END,
                          (SELECT upper(valid) FROM app.representatives r WHERE r.clinic_id = NEW.clinic_id AND r.id = NEW.representative_id));
    END IF;
    -- An authority that is over gives an empty or inverted period; consent_needs_authority then says so by name.
    NEW.in_force := tstzrange(NEW.decided_at, GREATEST(lasts_till, NEW.decided_at + interval '1 microsecond'));
  ELSE
    NEW.regions  := NULL;
    NEW.in_force := NULL;
  END IF;

  SELECT sha256(app.utf8(jsonb_build_object(
           'disclosure', encode(d.content_sha256, 'hex'),
           'regions',    discussion.regions,
           'techniques', discussion.techniques,
           'aim',        discussion.aim,
           'language',   discussion.language,
           'risks',      (SELECT jsonb_agg(jsonb_build_array(r.code, r.title, r.wording, r.discussed_at AT TIME ZONE 'UTC') ORDER BY r.code)
                            FROM app.discussed_risks r WHERE r.clinic_id = NEW.clinic_id AND r.discussion_id = NEW.discussion_id))))
    INTO NEW.shown_sha256
    FROM app.disclosures d WHERE d.clinic_id = NEW.clinic_id AND d.id = discussion.disclosure_id;
  NEW.signed_sha256 := sha256(NEW.shown_sha256 || app.utf8(NEW.signature));

  -- The newer decision, given or refused, ends the earlier consent.
  UPDATE app.consents c SET in_force = tstzrange(lower(c.in_force), NEW.decided_at), ended_because = 'replaced'
   WHERE c.clinic_id = NEW.clinic_id AND c.patient_id = NEW.patient_id AND upper(c.in_force) > NEW.decided_at;
  RETURN NEW;
END $$;
CREATE TRIGGER decide BEFORE INSERT ON app.consents FOR EACH ROW EXECUTE FUNCTION app.decide();

CREATE FUNCTION app.expand_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  INSERT INTO app.consent_scope (clinic_id, consent_id, region, technique)
  SELECT DISTINCT NEW.clinic_id, NEW.id, region, technique
    FROM app.discussions d, unnest(NEW.regions) AS region, unnest(d.techniques) AS technique
   WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id;
  RETURN NULL;
END $$;
CREATE TRIGGER expand AFTER INSERT ON app.consents FOR EACH ROW EXECUTE FUNCTION app.expand_consent();

-- The application may set who withdraws and why. That closes the period at the server's instant, once, for good.
CREATE FUNCTION app.withdraw_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
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
CREATE TRIGGER withdraw BEFORE UPDATE OF withdrawn_by, withdrawn_by_representative, withdrawal_reason ON app.consents
  FOR EACH ROW EXECUTE FUNCTION app.withdraw_consent();


-- Ends consents in force at the clock, one row after the other, each locked before the clock is read.
CREATE FUNCTION app.outdate(consents app.consents[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  consent app.consents;
  at      timestamptz;
BEGIN
  FOREACH consent IN ARRAY consents LOOP
    PERFORM FROM app.consents c WHERE c.clinic_id = consent.clinic_id AND c.id = consent.id FOR UPDATE;
    at := clock_timestamp();
    UPDATE app.consents c SET in_force = tstzrange(lower(c.in_force), at), ended_because = 'outdated'
     WHERE c.clinic_id = consent.clinic_id AND c.id = consent.id AND upper(c.in_force) > at;
  END LOOP;
END $$;

CREATE FUNCTION app.expand_disclosure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  untold jsonb;
BEGIN
  INSERT INTO app.disclosure_risks (clinic_id, disclosure_id, code, position, title, wording, always)
  SELECT NEW.clinic_id, NEW.id, risk ->> 'code', position, risk ->> 'title', risk ->> 'wording', (risk ->> 'always')::boolean
    FROM jsonb_array_elements(NEW.content -> 'risks') WITH ORDINALITY AS risks (risk, position);
  IF NOT EXISTS (SELECT FROM app.disclosure_risks r WHERE r.clinic_id = NEW.clinic_id AND r.disclosure_id = NEW.id AND r.always) THEN
    PERFORM app.refuse('disclosure_has_risks', 'a disclosure needs at least one risk that is always discussed');
  END IF;
  -- A risk that a screening can add must have its text, or no consent could ever follow such a screening.
  SELECT jsonb_agg(code) INTO untold
    FROM (SELECT unnest(i.adds_risks) AS code
            FROM app.questionnaires q
            JOIN app.questionnaire_items i ON i.clinic_id = q.clinic_id AND i.questionnaire_id = q.id
           WHERE q.clinic_id = NEW.clinic_id
             AND q.version = (SELECT max(version) FROM app.questionnaires l WHERE l.clinic_id = q.clinic_id AND l.language = q.language)
          EXCEPT
          SELECT code FROM app.disclosure_risks r WHERE r.clinic_id = NEW.clinic_id AND r.disclosure_id = NEW.id) AS added;
  IF untold IS NOT NULL THEN
    PERFORM app.refuse('disclosure_tells_added_risks', 'the current questionnaire adds risks that this disclosure doesn''t describe', untold);
  END IF;
  IF NEW.requires_reconsent THEN
    PERFORM app.outdate(ARRAY(SELECT c FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND upper(c.in_force) > now() ORDER BY c.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER expand AFTER INSERT ON app.disclosures FOR EACH ROW EXECUTE FUNCTION app.expand_disclosure();

-- A corrected birth date ends the consent that somebody gave alone who was a minor then, and the consent that a
-- representative gave for a minor who comes of age before the consent would have ended.
CREATE FUNCTION app.correct_birth_date() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.outdate(ARRAY(
    SELECT c FROM app.consents c JOIN app.clinics k ON k.id = c.clinic_id
     WHERE c.clinic_id = NEW.clinic_id AND c.patient_id = NEW.id AND upper(c.in_force) > now()
       AND CASE c.decided_by
             WHEN 'patient' THEN c.decided_at < app.comes_of_age(NEW.birth_date, k.adult_age_years, k.time_zone)
             ELSE c.decided_at < app.comes_of_age(OLD.birth_date, k.adult_age_years, k.time_zone)
                  AND upper(c.in_force) > app.comes_of_age(NEW.birth_date, k.adult_age_years, k.time_zone)
           END));
  RETURN NULL;
END $$;
CREATE TRIGGER correct_birth_date AFTER UPDATE OF birth_date ON app.patients
  FOR EACH ROW WHEN (OLD.birth_date <> NEW.birth_date) EXECUTE FUNCTION app.correct_birth_date();


ALTER TABLE app.disclosures      ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.disclosure_risks ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.discussions      ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.discussed_risks  ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.consents         ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.consent_scope    ENABLE ROW LEVEL SECURITY;
CREATE POLICY read     ON app.disclosures      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
CREATE POLICY publish  ON app.disclosures      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('published-text.write')));
CREATE POLICY read     ON app.disclosure_risks FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
CREATE POLICY read     ON app.discussions      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY open     ON app.discussions      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('discussion.record')));
CREATE POLICY read     ON app.discussed_risks  FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record   ON app.discussed_risks  FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('discussion.record')));
CREATE POLICY add      ON app.discussed_risks  FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('discussion.record')));
CREATE POLICY read     ON app.consents         FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record   ON app.consents         FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('consent.record')));
CREATE POLICY withdraw ON app.consents         FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('consent.withdraw')));
CREATE POLICY read     ON app.consent_scope    FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
GRANT SELECT ON app.disclosures, app.disclosure_risks, app.discussions, app.discussed_risks, app.consents, app.consent_scope TO assent_app;
GRANT INSERT (language, content, requires_reconsent) ON app.disclosures TO assent_app;
GRANT INSERT (patient_id, regions, techniques, aim, mode, language, interpreter) ON app.discussions TO assent_app;
GRANT INSERT (discussion_id, code, question, answer), UPDATE (question, answer) ON app.discussed_risks TO assent_app;
GRANT INSERT (discussion_id, decision, regions, decided_by, representative_id, capacity_confirmed, alternatives_discussed,
              right_to_withdraw_told, teach_back, signature, witness),
      UPDATE (withdrawn_by, withdrawn_by_representative, withdrawal_reason) ON app.consents TO assent_app;
GRANT EXECUTE ON FUNCTION app.required_risks(app.discussions) TO assent_app;
