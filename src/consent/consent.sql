-- Consent: published disclosures, discussions, each risk discussed, and decisions. A decision to consent can't be
-- written unless every required risk was discussed, one by one, in the discussion that it rests on.


-- Disclosures.

ALTER TABLE app.disclosures
  ALTER clinic_id    SET DEFAULT app.clinic(),
  ALTER published_by SET DEFAULT app.actor();

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

-- Whatever language somebody reads, the same risks are disclosed. A disclosure in one language can't be published without a risk that
-- is disclosed in another, and where another language has got one since, no discussion begins with the text that lacks it.
--
-- The codes of risks that the clinic's current disclosures in other languages have and this one doesn't, or only after some
-- findings where they are always disclosed elsewhere. Those that a later version has outdated, by requiring re-consent, don't count.
CREATE FUNCTION app.undisclosed_risks(disclosure app.disclosures) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT jsonb_agg(DISTINCT risk.code)
    FROM app.clinics c
    JOIN app.disclosures other    ON other.clinic_id = c.id AND other.language <> disclosure.language AND other.version >= c.reconsent_version
    JOIN app.disclosure_risks risk ON risk.clinic_id = other.clinic_id AND risk.disclosure_id = other.id
   WHERE c.id = disclosure.clinic_id
     AND NOT EXISTS (SELECT FROM app.disclosures later
                      WHERE later.clinic_id = other.clinic_id AND later.language = other.language AND later.version > other.version)
     AND NOT EXISTS (SELECT FROM app.disclosure_risks r
                      WHERE r.clinic_id = disclosure.clinic_id AND r.disclosure_id = disclosure.id AND r.code = risk.code AND (r.always OR NOT risk.always));
END;

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.disclosures FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE FUNCTION app.expand_disclosure() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  undisclosed jsonb;
BEGIN
  INSERT INTO app.disclosure_risks (clinic_id, disclosure_id, code, position, title, wording, always)
  SELECT NEW.clinic_id, NEW.id, risk ->> 'code', position, risk ->> 'title', risk ->> 'wording', (risk ->> 'always')::boolean
    FROM jsonb_array_elements(NEW.content -> 'risks') WITH ORDINALITY AS risks (risk, position);
  IF NOT EXISTS (SELECT FROM app.disclosure_risks r WHERE r.clinic_id = NEW.clinic_id AND r.disclosure_id = NEW.id AND r.always) THEN
    PERFORM app.refuse('disclosure_has_risks', 'a disclosure needs at least one risk that is always discussed');
  END IF;
  -- A risk that a screening can add must have its text, or no consent could ever follow such a screening.
  SELECT jsonb_agg(code) INTO undisclosed
    FROM (SELECT unnest(i.adds_risks) AS code
            FROM app.questionnaires q
            JOIN app.questionnaire_items i ON i.clinic_id = q.clinic_id AND i.questionnaire_id = q.id
           WHERE q.clinic_id = NEW.clinic_id
             AND q.version = (SELECT max(version) FROM app.questionnaires l WHERE l.clinic_id = q.clinic_id AND l.language = q.language)
          EXCEPT
          SELECT code FROM app.disclosure_risks r WHERE r.clinic_id = NEW.clinic_id AND r.disclosure_id = NEW.id) AS added;
  IF undisclosed IS NOT NULL THEN
    PERFORM app.refuse('disclosure_covers_added_risks', 'the current questionnaire adds risks that this disclosure doesn''t describe', undisclosed);
  END IF;
  -- One that requires re-consent outdates the others: they follow it, and not it them.
  undisclosed := app.undisclosed_risks(NEW);
  IF NOT NEW.requires_reconsent AND undisclosed IS NOT NULL THEN
    PERFORM app.refuse('disclosure_covers_every_risk', 'the disclosure lacks risks that are disclosed in another language', undisclosed);
  END IF;
  IF NEW.requires_reconsent THEN
    PERFORM app.outdate(ARRAY(SELECT c FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND upper(c.in_force) > now() ORDER BY c.id));
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER expand AFTER INSERT ON app.disclosures FOR EACH ROW EXECUTE FUNCTION app.expand_disclosure();

CREATE POLICY read    ON app.disclosures      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
CREATE POLICY publish ON app.disclosures      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('published-text.write')));
CREATE POLICY read    ON app.disclosure_risks FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('published-text.read')));
GRANT SELECT ON app.disclosures, app.disclosure_risks TO assent_app;
GRANT INSERT (language, content, requires_reconsent) ON app.disclosures TO assent_app;
GRANT EXECUTE ON FUNCTION app.undisclosed_risks(app.disclosures) TO assent_app;


-- Discussions.

ALTER TABLE app.discussions
  ALTER clinic_id       SET DEFAULT app.clinic(),
  ALTER practitioner_id SET DEFAULT app.actor();

-- A discussion rests on the patient's latest screening (its findings add risks) and the current disclosure.
CREATE FUNCTION app.open_discussion() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  patient     app.patients;
  disclosure  app.disclosures;
  undisclosed jsonb;
BEGIN
  PERFORM app.require_active_patient(NEW.clinic_id, NEW.patient_id, 'patient_archived');
  IF NOT app.has_words(NEW.aim) THEN
    PERFORM app.refuse('discussion_has_aim', 'a discussion needs an aim');
  END IF;
  SELECT * INTO patient FROM app.patients p WHERE p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id;
  IF patient.id IS NULL THEN
    PERFORM app.refuse('discussion_of_patient', 'there is no such patient');
  END IF;
  IF patient.latest_screening_id IS NULL THEN
    PERFORM app.refuse('discussion_needs_screening', 'screen the patient first: findings add risks to discuss');
  END IF;
  NEW.screening_id := patient.latest_screening_id;
  SELECT * INTO disclosure FROM app.disclosures d
   WHERE d.clinic_id = NEW.clinic_id AND d.language = NEW.language ORDER BY version DESC LIMIT 1;
  IF disclosure.id IS NULL THEN
    PERFORM app.refuse('discussion_language_published', format('no disclosure is published in the language %L', NEW.language));
  END IF;
  -- A version in another language required re-consent since: no consent could follow this one.
  IF disclosure.version < (SELECT reconsent_version FROM app.clinics WHERE id = NEW.clinic_id) THEN
    PERFORM app.refuse('discussion_needs_current_disclosure', format('the disclosure in the language %L is outdated', NEW.language));
  END IF;
  undisclosed := app.undisclosed_risks(disclosure);
  IF undisclosed IS NOT NULL THEN
    PERFORM app.refuse('discussion_covers_every_risk', format('the disclosure in the language %L lacks risks that are disclosed in another', NEW.language), undisclosed);
  END IF;
  NEW.disclosure_id := disclosure.id;
  -- Each risk asks again; here nobody begins what they couldn't go on with.
  PERFORM app.require_licence(NEW.clinic_id, NEW.practitioner_id);
  RETURN NEW;
END $$;
CREATE TRIGGER open BEFORE INSERT ON app.discussions FOR EACH ROW EXECUTE FUNCTION app.open_discussion();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.discussions FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');

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

-- Which discussions are to be continued and not begun again: undecided, discussed under a licence, and nothing that it rests on was
-- overtaken, by a newer screening, a newer decision, or a text that requires re-consent: otherwise app.decide() refuses.
CREATE FUNCTION app.awaits_decision(discussion app.discussions) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM app.consents c WHERE c.clinic_id = discussion.clinic_id AND c.discussion_id = discussion.id)
         AND EXISTS (SELECT FROM app.patients p
                       JOIN app.clinics     c ON c.id = p.clinic_id
                       JOIN app.disclosures d ON d.clinic_id = p.clinic_id AND d.id = discussion.disclosure_id AND d.version >= c.reconsent_version
                      WHERE p.clinic_id = discussion.clinic_id AND p.id = discussion.patient_id
                        AND p.latest_screening_id = discussion.screening_id
                        AND (p.latest_consent_id IS NULL OR p.latest_consent_id < discussion.id))
         AND NOT EXISTS (SELECT FROM app.discussed_risks r WHERE r.clinic_id = discussion.clinic_id AND r.discussion_id = discussion.id AND r.unlicensed);
END;

CREATE POLICY read ON app.discussions FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY open ON app.discussions FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('discussion.record')));
GRANT SELECT ON app.discussions TO assent_app;
GRANT INSERT (patient_id, regions, techniques, aim, mode, language, interpreter) ON app.discussions TO assent_app;
GRANT EXECUTE ON FUNCTION app.required_risks(app.discussions), app.awaits_decision(app.discussions) TO assent_app;


-- Each risk discussed.

ALTER TABLE app.discussed_risks
  ALTER clinic_id    SET DEFAULT app.clinic(),
  ALTER discussed_by SET DEFAULT app.actor();

-- The discussion of a risk that is written, while its decision isn't recorded. The lock makes a risk and the decision take turns.
CREATE FUNCTION app.lock_undecided_discussion(risk app.discussed_risks) RETURNS app.discussions
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  discussion app.discussions;
BEGIN
  SELECT * INTO discussion FROM app.discussions d WHERE d.clinic_id = risk.clinic_id AND d.id = risk.discussion_id;
  PERFORM app.require_active_patient(discussion.clinic_id, discussion.patient_id, 'patient_archived');
  PERFORM FROM app.discussions d WHERE d.clinic_id = risk.clinic_id AND d.id = risk.discussion_id FOR SHARE;
  IF NOT FOUND THEN
    PERFORM app.refuse('discussed_risk_in_discussion', 'there is no such discussion');
  END IF;
  IF EXISTS (SELECT FROM app.consents c WHERE c.clinic_id = risk.clinic_id AND c.discussion_id = risk.discussion_id) THEN
    PERFORM app.refuse('discussed_risk_before_decision', 'the decision on this discussion is recorded: open a new discussion');
  END IF;
  RETURN discussion;
END $$;

CREATE FUNCTION app.discuss_risk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  discussion app.discussions := app.lock_undecided_discussion(NEW);
BEGIN
  SELECT r.title, r.wording INTO NEW.title, NEW.wording FROM app.disclosure_risks r
   WHERE r.clinic_id = NEW.clinic_id AND r.disclosure_id = discussion.disclosure_id AND r.code = NEW.code
     AND (r.code IN (SELECT app.required_risks(discussion))
          -- Discussed already, and no longer required since: the same again finds its row.
          OR EXISTS (SELECT FROM app.discussed_risks d
                      WHERE (d.clinic_id, d.discussion_id, d.code) = (NEW.clinic_id, NEW.discussion_id, r.code)));
  IF NOT FOUND THEN
    PERFORM app.refuse('discussed_risk_is_required', 'this discussion has no such risk');
  END IF;
  NEW.licence_id   := app.require_licence(NEW.clinic_id, NEW.discussed_by);
  NEW.discussed_at := clock_timestamp();
  RETURN NEW;
END $$;
CREATE TRIGGER discuss BEFORE INSERT ON app.discussed_risks FOR EACH ROW EXECUTE FUNCTION app.discuss_risk();

-- A question that comes up later is added; what is written stays.
CREATE FUNCTION app.add_question() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.lock_undecided_discussion(NEW);
  IF (OLD.question IS NOT NULL AND NEW.question IS DISTINCT FROM OLD.question)
     OR (OLD.answer IS NOT NULL AND NEW.answer IS DISTINCT FROM OLD.answer) THEN
    PERFORM app.refuse('discussed_risk_stays', 'this risk is already recorded as discussed, with another question or answer');
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER add_question BEFORE UPDATE ON app.discussed_risks FOR EACH ROW WHEN (current_user = 'assent_app') EXECUTE FUNCTION app.add_question();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.discussed_risks FOR EACH ROW EXECUTE FUNCTION audit.record_change('discussion_id code', 'by discussion');

CREATE POLICY read   ON app.discussed_risks FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record ON app.discussed_risks FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('discussion.record')));
CREATE POLICY add    ON app.discussed_risks FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('discussion.record')));
GRANT SELECT, INSERT (discussion_id, code, question, answer), UPDATE (question, answer) ON app.discussed_risks TO assent_app;


-- Decisions.

ALTER TABLE app.consents
  ALTER clinic_id   SET DEFAULT app.clinic(),
  ALTER recorded_by SET DEFAULT app.actor();

-- A name, and, where it was drawn, its strokes.
CREATE FUNCTION app.is_signature(document jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, app, pg_temp
RETURN COALESCE(jsonb_typeof(document) = 'object' AND app.has_words(document -> 'name') AND app.is_name(document ->> 'name')
                AND jsonb_typeof(COALESCE(document -> 'strokes', '[]')) = 'array', false);

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
  SELECT * INTO discussion FROM app.discussions d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id;
  IF discussion.id IS NULL THEN
    PERFORM app.refuse('consent_follows_discussion', 'there is no such discussion');
  END IF;
  PERFORM app.require_active_patient(NEW.clinic_id, discussion.patient_id, 'patient_archived');
  -- Locks, in this order everywhere: clinic (against a publication), patient (against another decision, a correction of
  -- the birth date), discussion (against another risk), earlier consent (against a session that starts).
  SELECT * INTO clinic FROM app.clinics c WHERE c.id = NEW.clinic_id FOR SHARE;
  NEW.patient_id := discussion.patient_id;
  UPDATE app.patients p SET latest_consent_id = NEW.id
   WHERE p.clinic_id = NEW.clinic_id AND p.id = NEW.patient_id RETURNING * INTO patient;
  PERFORM FROM app.discussions d WHERE d.clinic_id = NEW.clinic_id AND d.id = NEW.discussion_id FOR UPDATE;
  IF EXISTS (SELECT FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.discussion_id = NEW.discussion_id) THEN
    PERFORM app.refuse('consent_once_per_discussion', 'the decision on this discussion is already recorded: open a new discussion');
  END IF;
  PERFORM FROM app.consents c WHERE c.clinic_id = NEW.clinic_id AND c.patient_id = NEW.patient_id AND upper(c.in_force) > now() FOR UPDATE;
  -- A patient who says no is never held up by somebody else's licence.
  IF NEW.decision <> 'refused' THEN
    NEW.licence_id := app.require_licence(NEW.clinic_id, NEW.recorded_by);
  END IF;
  NEW.decided_at := clock_timestamp();
  adult_from     := app.comes_of_age(patient.birth_date, clinic.adult_age_years, clinic.time_zone);

  IF NEW.decision = 'given' THEN
    IF (SELECT version FROM app.disclosures d WHERE d.clinic_id = NEW.clinic_id AND d.id = discussion.disclosure_id) < clinic.reconsent_version THEN
      PERFORM app.refuse('consent_needs_current_disclosure', 'a newer disclosure must be discussed: open a new discussion');
    END IF;
    IF EXISTS (SELECT FROM app.discussed_risks r WHERE r.clinic_id = NEW.clinic_id AND r.discussion_id = NEW.discussion_id AND r.unlicensed) THEN
      PERFORM app.refuse('consent_needs_licensed_discussion', 'a risk was discussed by somebody without a valid licence: open a new discussion');
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
    -- A recorded end counts whatever the clock says.
    IF EXISTS (SELECT FROM app.representatives r WHERE r.clinic_id = NEW.clinic_id AND r.id = NEW.representative_id AND r.ended_at IS NOT NULL) THEN
      PERFORM app.refuse('consent_needs_authority', 'this authority was ended');
    END IF;
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

  -- Their constraints ask for something that isn't a space.
  IF NEW.decision = 'given' AND NOT app.has_words(NEW.teach_back) THEN
    PERFORM app.refuse('consent_needs_teach_back', 'the teach-back has no words');
  ELSIF NEW.decision = 'given' AND NOT app.is_signature(NEW.signature) THEN
    PERFORM app.refuse('consent_needs_signature', 'the signature is no name');
  ELSIF NEW.decision = 'given' AND NEW.witness IS NOT NULL AND NOT app.is_signature(NEW.witness) THEN
    PERFORM app.refuse('consent_witness_whole', 'a witness needs a name');
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

-- The application may set who withdraws and why. That closes the period at the server's instant, once and permanently. A consent can be
-- withdrawn while the patient is archived, and after a doubt has ended it: the patient may make of the doubt a withdrawal.
CREATE FUNCTION app.withdraw_consent() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  PERFORM app.require_active_patient(OLD.clinic_id, OLD.patient_id);
  IF OLD.withdrawn_at IS NOT NULL THEN
    PERFORM app.refuse('consent_withdrawn_once', 'this consent is already withdrawn');
  END IF;
  -- Locked before the clock is read: a session that started while we waited lies before the end.
  PERFORM FROM app.consents c WHERE c.clinic_id = OLD.clinic_id AND c.id = OLD.id FOR UPDATE;
  NEW.withdrawn_at := clock_timestamp();
  IF OLD.ended_because IS DISTINCT FROM 'doubted' THEN
    IF NOT COALESCE(OLD.in_force @> NEW.withdrawn_at, false) THEN
      PERFORM app.refuse('withdrawal_of_consent_in_force', 'this consent isn''t in force');
    END IF;
    NEW.in_force := tstzrange(lower(OLD.in_force), NEW.withdrawn_at);
  END IF;
  NEW.withdrawal_recorded_by := app.actor();
  NEW.ended_because := 'withdrawn';
  RETURN NEW;
END $$;
CREATE TRIGGER withdraw BEFORE UPDATE ON app.consents FOR EACH ROW WHEN (current_user = 'assent_app') EXECUTE FUNCTION app.withdraw_consent();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.consents FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
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

-- The risks that a session under this screening and this consent needs and that weren't discussed before the decision.
-- It reads rows that are only ever added, never changed, so that it can err only towards refusing.
CREATE FUNCTION app.undiscussed_risks(clinic uuid, screening uuid, consent uuid) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, app, pg_temp
RETURN ARRAY(
  SELECT required.code
    FROM app.consents    c
    JOIN app.discussions d ON d.clinic_id = c.clinic_id AND d.id = c.discussion_id
    CROSS JOIN LATERAL (
      SELECT r.code FROM app.disclosure_risks r
       WHERE r.clinic_id = d.clinic_id AND r.disclosure_id = d.disclosure_id AND r.always
       UNION
      SELECT unnest(s.added_risks) FROM app.screenings s
       WHERE s.clinic_id = clinic AND s.id = screening) AS required
   WHERE c.clinic_id = clinic AND c.id = consent
     AND NOT EXISTS (SELECT FROM app.discussed_risks r
                      WHERE r.clinic_id = d.clinic_id AND r.discussion_id = d.id
                        AND r.code = required.code AND r.discussed_at <= c.decided_at)
   ORDER BY required.code);

-- A consent of which something must be discussed that wasn't is outdated, too: the patient's latest screening added a risk.
CREATE FUNCTION app.consent_state(consent app.consents, at timestamptz DEFAULT clock_timestamp()) RETURNS text
LANGUAGE sql STABLE
RETURN CASE WHEN consent.id IS NULL                THEN 'none'
            WHEN consent.decision = 'refused'      THEN 'refused'
            WHEN consent.ended_because IS NOT NULL THEN consent.ended_because
            WHEN NOT consent.in_force @> at        THEN 'expired'
            WHEN consent.unlicensed                THEN 'unlicensed'
            WHEN app.undiscussed_risks(consent.clinic_id, (SELECT p.latest_screening_id FROM app.patients p
                                                            WHERE p.clinic_id = consent.clinic_id AND p.id = consent.patient_id),
                                       consent.id) <> '{}' THEN 'outdated'
            ELSE 'in_force' END;

CREATE POLICY read     ON app.consents      FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
CREATE POLICY record   ON app.consents      FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('consent.record')));
CREATE POLICY withdraw ON app.consents      FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('consent.withdraw')));
CREATE POLICY read     ON app.consent_scope FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic_for('clinical.read')));
GRANT SELECT ON app.consents, app.consent_scope TO assent_app;
GRANT INSERT (discussion_id, decision, regions, decided_by, representative_id, capacity_confirmed, alternatives_discussed,
              right_to_withdraw_told, teach_back, signature, witness),
      UPDATE (withdrawn_by, withdrawn_by_representative, withdrawal_reason) ON app.consents TO assent_app;
GRANT EXECUTE ON FUNCTION app.undiscussed_risks(uuid, uuid, uuid), app.consent_state(app.consents, timestamptz) TO assent_app;


-- For src/retention/retention.sql.

CREATE FUNCTION app.consent_entries(clinic uuid, patient uuid)
RETURNS TABLE (subject text, subject_id text, present jsonb, entered_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT 'discussions', d.id::text, to_jsonb(d), d.opened_at
    FROM app.discussions d WHERE d.clinic_id = clinic AND d.patient_id = patient
   UNION ALL
  SELECT 'discussed_risks', r.discussion_id || '/' || r.code, to_jsonb(r), r.discussed_at
    FROM app.discussed_risks r JOIN app.discussions d ON d.clinic_id = r.clinic_id AND d.id = r.discussion_id
   WHERE d.clinic_id = clinic AND d.patient_id = patient
   UNION ALL
  SELECT 'consents', c.id::text, to_jsonb(c), GREATEST(c.decided_at, c.withdrawn_at)
    FROM app.consents c WHERE c.clinic_id = clinic AND c.patient_id = patient;
END;

CREATE FUNCTION app.erase_consents(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  WITH discussions AS (
    UPDATE app.discussions d SET aim = '[erased]', interpreter = NULL
     WHERE d.clinic_id = clinic AND d.patient_id = patient RETURNING 1),
  risks AS (
    UPDATE app.discussed_risks r SET question = NULL, answer = NULL FROM app.discussions d
     WHERE d.clinic_id = clinic AND d.patient_id = patient AND r.clinic_id = d.clinic_id AND r.discussion_id = d.id RETURNING 1),
  consents AS (
    -- The digest of a typed signature could be guessed from a name.
    UPDATE app.consents c
       SET teach_back        = CASE WHEN teach_back        IS NOT NULL THEN '[erased]' END,
           signature         = CASE WHEN signature         IS NOT NULL THEN '{"name": "[erased]", "strokes": []}'::jsonb END,
           withdrawal_reason = CASE WHEN withdrawal_reason IS NOT NULL THEN '[erased]' END,
           witness = NULL, signed_sha256 = NULL
     WHERE c.clinic_id = clinic AND c.patient_id = patient RETURNING 1)
  SELECT jsonb_build_object('discussions', (SELECT count(*) FROM discussions), 'discussed_risks', (SELECT count(*) FROM risks),
                            'consents', (SELECT count(*) FROM consents));
END;
