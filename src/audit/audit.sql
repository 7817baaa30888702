-- The audit trail: every change, every look at a patient's record, every refusal, in the transaction in which it happened.
-- Rows are only ever added, by the functions below, which derive who it was from the token.

-- One partition a month, made ahead at every start.
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

-- The one way in. Who, in which clinic and role: from the token, unless the caller names a place, as at sign-in. The event then waits
-- for the log.
CREATE FUNCTION audit.record(action text, outcome text, subject text, subject_id text, patient_id uuid, details jsonb,
                                        place app.staff DEFAULT NULL, address text DEFAULT NULL, user_agent text DEFAULT NULL,
                                        clinic uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  asking app.asking;
  event  audit.events;
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
          body, salt, sha256(salt || convert_to(body, 'UTF8')))
  RETURNING * INTO event;
  INSERT INTO audit.unsealed VALUES (event.id, event.occurred_at, sha256('\x00'::bytea || convert_to(audit.entry(event), 'UTF8')));
END $$;


-- Changes of rows. Signatures and long texts are kept as digests: the record has them.

CREATE FUNCTION audit.compact(name text, value jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN name <> 'signature' AND octet_length(value::text) <= 1024 OR value = 'null' THEN value
            ELSE jsonb_build_object('sha256', encode(sha256(convert_to(value::text, 'UTF8')), 'hex')) END;

-- The trigger "audit" of every table whose rows are recorded one by one. Arguments: the columns that say which row it is, and how its
-- patient is found. No setting of a connection shows in what is kept: it is compared with the rows years later.
CREATE FUNCTION audit.record_change() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
  SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' SET IntervalStyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
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
  PERFORM audit.record(lower(TG_OP), 'success', TG_TABLE_NAME,
                       (SELECT string_agg(row_now ->> name, '/' ORDER BY n) FROM string_to_table(TG_ARGV[0], ' ') WITH ORDINALITY AS key (name, n)),
                       patient, changes, clinic => clinic);
  RETURN NULL;
END $$;

-- Rows that a migration wrote, while no trigger recorded it, written down as they are now: those without an event, or of all rows the
-- given columns.
CREATE FUNCTION audit.record_present(name regclass, columns text[]) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
  SET TimeZone = 'UTC' SET DateStyle = 'ISO, MDY' SET IntervalStyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
DECLARE
  key text[] := (SELECT string_to_array(encode(tgargs, 'escape'), '\000') FROM pg_trigger WHERE tgrelid = name AND tgname = 'audit');
BEGIN
  EXECUTE format($sql$
    SELECT audit.record(CASE WHEN %2$L::text[] IS NULL THEN 'insert' ELSE 'update' END, 'success', %3$L, row_id, NULL, changes, clinic => clinic)
      FROM (SELECT (SELECT string_agg(present ->> name, '/' ORDER BY n) FROM string_to_table(%4$L, ' ') WITH ORDINALITY AS key (name, n)) AS row_id,
                   jsonb_build_object('new', (SELECT jsonb_object_agg(key, audit.compact(key, value)) FROM jsonb_each(present)
                                               WHERE key <> ALL ('{sort_name,search_text}') AND (key = ANY (%2$L::text[]) OR %2$L::text[] IS NULL AND value <> 'null'))) AS changes,
                   COALESCE(present ->> 'clinic_id', present ->> 'id')::uuid AS clinic
              FROM (SELECT to_jsonb(t) AS present FROM %1$s AS t) AS rows) AS rows
     WHERE %2$L::text[] IS NOT NULL OR NOT EXISTS (SELECT FROM audit.events WHERE subject = %3$L AND subject_id = row_id AND action = 'insert')
  $sql$, name, columns, (SELECT relname FROM pg_class WHERE oid = name), key[1]);
END $$;

-- Only a migration writes permissions; any other write would change what everybody may do.
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.permissions FOR EACH ROW EXECUTE FUNCTION audit.record_change('role permission', 'none');


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

-- A refusal, after the transaction that was refused is rolled back. A request without a login leaves none.
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


-- The newest n events that hold all these words, or words that begin so. It runs as its owner, because under a policy PostgreSQL doesn't use
-- such an index; whose events they may be, it derives itself.
CREATE FUNCTION audit.search_events(words text, patient uuid, staff uuid, action text, outcome text, since timestamptz, until timestamptz,
                                    before uuid, n integer) RETURNS SETOF audit.events
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('audit.read');
  query  tsquery := to_tsquery('simple', (SELECT string_agg('''' || replace(replace(word, '\', '\\'), '''', '''''') || ''':*', ' & ')
                                            FROM regexp_split_to_table(words, '\s+') AS word WHERE word <> ''));
BEGIN
  IF clinic IS NULL OR query IS NULL OR numnode(query) = 0 THEN
    RETURN;
  END IF;
  -- Put together, so that PostgreSQL plans for what is asked.
  RETURN QUERY EXECUTE
    'SELECT * FROM audit.events WHERE clinic_id = $1 AND jsonb_to_tsvector(''simple'', details::jsonb, ''["string"]'') @@ $2'
    || CASE WHEN patient IS NOT NULL THEN ' AND patient_id = $3'   ELSE '' END
    || CASE WHEN staff   IS NOT NULL THEN ' AND staff_id = $4'     ELSE '' END
    || CASE WHEN action  IS NOT NULL THEN ' AND action = $5'       ELSE '' END
    || CASE WHEN outcome IS NOT NULL THEN ' AND outcome = $6'      ELSE '' END
    || CASE WHEN since   IS NOT NULL THEN ' AND occurred_at >= $7' ELSE '' END
    || CASE WHEN until   IS NOT NULL THEN ' AND occurred_at < $8'  ELSE '' END
    || CASE WHEN before  IS NOT NULL THEN ' AND id < $9 AND occurred_at <= uuid_extract_timestamp($9) + interval ''1 minute''' ELSE '' END
    || ' ORDER BY id DESC LIMIT $10'
    USING clinic, query, patient, staff, action, outcome, since, until, before, LEAST(n, 1000);
END $$;
GRANT EXECUTE ON FUNCTION audit.search_events(text, uuid, uuid, text, text, timestamptz, timestamptz, uuid, integer) TO assent_app;

CREATE POLICY read ON audit.events FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
GRANT SELECT ON audit.events TO assent_app;
