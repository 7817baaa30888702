-- The record of what happened: every change, every look at a patient's record, every refusal, in the transaction in which it
-- happened. Rows are only ever added, by the functions below, which derive who it was from the token.

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO assent_app;

CREATE TABLE audit.events (
  id             uuid        NOT NULL DEFAULT uuidv7(),
  occurred_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- In which order transactions became visible; see the sealer.
  transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
  -- NULL: nobody's, such as an attempt on an account that doesn't exist.
  clinic_id      uuid,
  -- Copied, because names and roles change. NULL: nobody was signed in; set-up.
  staff_id       uuid,
  staff_name     text,
  staff_role     text,
  -- insert, update: of a row. read, search: of patients' records. Otherwise what happened at the doors, e.g. sign-in, denial.
  action         text        NOT NULL,
  outcome        text        NOT NULL DEFAULT 'success',
  -- Which kind of record, and which one.
  subject        text,
  subject_id     text,
  patient_id     uuid,
  address        text,
  user_agent     text,
  request_id     text,
  -- Values may have to be erased one day, and the log must still verify: it holds the digest, which the salt keeps from being
  -- guessed. JSON as text, so that the digest is that of these bytes.
  details        text,
  salt           bytea,
  details_sha256 bytea,
  PRIMARY KEY (id, occurred_at),
  CONSTRAINT event_outcome_known   CHECK (outcome IN ('success', 'failure')),
  CONSTRAINT event_details_digested CHECK (details IS NULL OR details_sha256 = sha256(salt || convert_to(details, 'UTF8')))
)
PARTITION BY RANGE (occurred_at);
CREATE INDEX event_by_clinic  ON audit.events (clinic_id, id);
CREATE INDEX event_by_patient ON audit.events (clinic_id, patient_id, id) WHERE patient_id IS NOT NULL;
CREATE INDEX event_by_staff   ON audit.events (clinic_id, staff_id, id)   WHERE staff_id IS NOT NULL;
CREATE INDEX event_by_action  ON audit.events (clinic_id, action, id);
CREATE INDEX event_in_order   ON audit.events (transaction_id, id);

-- One partition a month, made ahead at every start; the default one catches what a server that runs for years would miss.
CREATE TABLE audit.events_later PARTITION OF audit.events DEFAULT;

CREATE FUNCTION audit.create_partitions(ahead integer) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  first date := date_trunc('month', now() AT TIME ZONE 'UTC');
  month date;
BEGIN
  FOR offset_months IN 0 .. ahead LOOP
    month := first + make_interval(months => offset_months);
    IF to_regclass(format('audit.events_%s', to_char(month, 'YYYY_MM'))) IS NULL
       -- What the default partition caught stays there.
       AND NOT EXISTS (SELECT FROM audit.events_later
                        WHERE occurred_at >= month::timestamp AT TIME ZONE 'UTC'
                          AND occurred_at < (month + interval '1 month') AT TIME ZONE 'UTC') THEN
      EXECUTE format('CREATE TABLE audit.%I PARTITION OF audit.events FOR VALUES FROM (%L) TO (%L)', 'events_' || to_char(month, 'YYYY_MM'),
                     month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month') AT TIME ZONE 'UTC');
    END IF;
  END LOOP;
END $$;
SELECT audit.create_partitions(24);

-- The one way in. Who, in which clinic and role: from the token, unless the caller names a place, as at sign-in.
CREATE FUNCTION audit.record(action text, outcome text, subject text, subject_id text, patient_id uuid, details jsonb,
                             place app.staff DEFAULT NULL, address text DEFAULT NULL, user_agent text DEFAULT NULL,
                             clinic uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  asking app.asking;
  body   text  := NULLIF(details, '{}')::text;
  salt   bytea := CASE WHEN body IS NOT NULL THEN uuid_send(gen_random_uuid()) END;
BEGIN
  IF place IS NULL THEN
    SELECT * INTO asking FROM app.asking;
  END IF;
  INSERT INTO audit.events (clinic_id, staff_id, staff_name, staff_role, action, outcome, subject, subject_id, patient_id,
                            address, user_agent, request_id, details, salt, details_sha256)
  VALUES (COALESCE((place).clinic_id, asking.clinic_id, clinic), COALESCE((place).id, asking.staff_id),
          COALESCE((place).name, asking.name), COALESCE((place).role, asking.role),
          action, outcome, subject, subject_id, patient_id,
          COALESCE(address, NULLIF(current_setting('app.address', true), '')),
          left(COALESCE(user_agent, NULLIF(current_setting('app.user_agent', true), '')), 400),
          NULLIF(current_setting('app.request_id', true), ''),
          body, salt, sha256(salt || convert_to(body, 'UTF8')));
END $$;


-- Changes of rows. Signatures and long texts are kept as digests: the record has them.

CREATE FUNCTION audit.compact(name text, value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN name <> 'signature' AND octet_length(value::text) <= 1024 OR value = 'null' THEN value
            ELSE jsonb_build_object('sha256', encode(sha256(convert_to(value::text, 'UTF8')), 'hex')) END;

-- Arguments: the column that says which row it is, and how its patient is found.
CREATE FUNCTION audit.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  row_now jsonb := to_jsonb(NEW) - '{sort_name,search_text}'::text[];
  clinic  uuid  := COALESCE(row_now ->> 'clinic_id', row_now ->> 'id');
  changes jsonb;
  patient uuid;
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT jsonb_build_object('new', jsonb_object_agg(key, audit.compact(key, value))) INTO changes
      FROM jsonb_each(row_now) WHERE value <> 'null';
  ELSE
    SELECT jsonb_build_object('old', jsonb_object_agg(key, audit.compact(key, before.value)),
                              'new', jsonb_object_agg(key, audit.compact(key, after.value)))
      INTO changes
      FROM jsonb_each(to_jsonb(OLD)) AS before JOIN jsonb_each(row_now) AS after USING (key)
     WHERE before.value <> after.value;
    IF changes -> 'new' = 'null' THEN
      RETURN NULL;
    END IF;
  END IF;
  patient := CASE TG_ARGV[1]
               WHEN 'by discussion' THEN (SELECT d.patient_id FROM app.discussions d WHERE d.clinic_id = clinic AND d.id = (row_now ->> 'discussion_id')::uuid)
               WHEN 'by screening'  THEN (SELECT s.patient_id FROM app.screenings s  WHERE s.clinic_id = clinic AND s.id = (row_now ->> 'screening_id')::uuid)
               ELSE (row_now ->> TG_ARGV[1])::uuid
             END;
  PERFORM audit.record(lower(TG_OP), 'success', TG_TABLE_NAME, row_now ->> TG_ARGV[0], patient, changes, clinic => clinic);
  RETURN NULL;
END $$;

-- Not here: what the database derives from these rows and nobody writes (questionnaire_items, disclosure_risks,
-- screening_regions, consent_scope), and what a migration alone writes (permissions, segments).
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.clinics             FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.staff               FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.licences            FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.patients            FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.representatives     FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.questionnaires      FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.screenings          FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.screening_approvals FOR EACH ROW EXECUTE FUNCTION audit.record_change('screening_id', 'by screening');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.disclosures         FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.discussions         FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.discussed_risks     FOR EACH ROW EXECUTE FUNCTION audit.record_change('discussion_id', 'by discussion');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.consents            FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.sessions            FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.manipulations       FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'patient_id');


-- What happened at the doors: in the clinic of the place that is given, or in each where the person works. An attempt on an
-- account that doesn't exist belongs to none.
CREATE FUNCTION auth.record_access(event text, outcome text, user_id text, staff_id uuid, address text, user_agent text, detail jsonb,
                                   request_id text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  place app.staff;
BEGIN
  IF request_id IS NOT NULL THEN
    PERFORM set_config('app.request_id', record_access.request_id, true);
  END IF;
  FOR place IN
    SELECT * FROM app.staff
     WHERE CASE WHEN record_access.staff_id IS NOT NULL THEN staff.id = record_access.staff_id
                ELSE staff.user_id = record_access.user_id
                     -- Not for a clinic that has only invited them, or that they have left, while they work in another one.
                     AND (active @> clock_timestamp()
                          OR NOT EXISTS (SELECT FROM app.staff AS other
                                          WHERE other.user_id = record_access.user_id AND other.active @> clock_timestamp())) END
  LOOP
    PERFORM audit.record(event, outcome, NULL, NULL, NULL, detail, place, address, user_agent);
  END LOOP;
  IF NOT FOUND THEN
    PERFORM audit.record(event, outcome, NULL, NULL, NULL, detail, NULL, address, user_agent);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION auth.record_access(text, text, text, uuid, text, text, jsonb, text) TO assent_identity;

-- A look at patients' records, in the transaction that looks.
CREATE FUNCTION audit.record_read(action text, subject text, subject_id text, patient_id uuid, details jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF action NOT IN ('read', 'search', 'export') OR app.actor() IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'only who is signed in reads';
  END IF;
  PERFORM audit.record(action, 'success', subject, subject_id, patient_id, details);
END $$;

-- A refusal, after the transaction that was refused is rolled back. Whoever isn't signed in leaves none.
CREATE FUNCTION audit.record_refusal(action text, subject text, subject_id text, patient_id uuid, details jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF action NOT IN ('denial', 'refusal') THEN
    RAISE insufficient_privilege USING MESSAGE = 'this is for refusals';
  END IF;
  IF EXISTS (SELECT FROM app.asking) THEN
    PERFORM audit.record(action, 'failure', subject, subject_id, patient_id, details);
  END IF;
END $$;

GRANT EXECUTE ON FUNCTION audit.record_read(text, text, text, uuid, jsonb), audit.record_refusal(text, text, text, uuid, jsonb) TO assent_app;

ALTER TABLE audit.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON audit.events FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
GRANT SELECT ON audit.events TO assent_app;
