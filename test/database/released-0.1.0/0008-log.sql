-- The log: events as the leaves of a Merkle tree (RFC 6962), whose root is signed. Whoever holds an old root can tell whether anything
-- before it was changed since, by whomever. The role assent_sealer appends to it; nobody changes it.

GRANT USAGE ON SCHEMA audit TO assent_sealer;

-- So that the hash of an event whose other columns somebody could guess tells nothing.
ALTER TABLE audit.events ADD COLUMN nonce bytea NOT NULL DEFAULT uuid_send(gen_random_uuid());
-- What waits for the log stands in a table of its own: no order of transactions has to be worked out.
DROP INDEX audit.event_in_order;
ALTER TABLE audit.events DROP COLUMN transaction_id;

-- An event as it stands in the log: canonical JSON (RFC 8785). to_json escapes what that standard does, and the keys are in its
-- order. Without details and salt, which may be erased: their digest stands for them.
CREATE FUNCTION audit.entry(event audit.events) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN '{"action":'        || to_json(event.action)
    || ',"address":'       || COALESCE(to_json(event.address)::text, 'null')
    || ',"clinicId":'      || COALESCE(to_json(event.clinic_id)::text, 'null')
    || ',"detailsSha256":' || COALESCE('"' || encode(event.details_sha256, 'hex') || '"', 'null')
    || ',"id":'            || to_json(event.id)
    || ',"nonce":"'        || encode(event.nonce, 'hex')
    || '","occurredAt":"'  || to_char(event.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    || '","outcome":'      || to_json(event.outcome)
    || ',"patientId":'     || COALESCE(to_json(event.patient_id)::text, 'null')
    || ',"requestId":'     || COALESCE(to_json(event.request_id)::text, 'null')
    || ',"staffId":'       || COALESCE(to_json(event.staff_id)::text, 'null')
    || ',"staffName":'     || COALESCE(to_json(event.staff_name)::text, 'null')
    || ',"staffRole":'     || COALESCE(to_json(event.staff_role)::text, 'null')
    || ',"subject":'       || COALESCE(to_json(event.subject)::text, 'null')
    || ',"subjectId":'     || COALESCE(to_json(event.subject_id)::text, 'null')
    || ',"userAgent":'     || COALESCE(to_json(event.user_agent)::text, 'null')
    || '}';

-- What was recorded and isn't in the log yet, with the leaf that it will be: an event that is changed meanwhile doesn't get in.
CREATE TABLE audit.unsealed (
  event_id    uuid        PRIMARY KEY,
  occurred_at timestamptz NOT NULL,
  leaf_hash   bytea       NOT NULL
);

-- As before, and now it waits for the log.
CREATE OR REPLACE FUNCTION audit.record(action text, outcome text, subject text, subject_id text, patient_id uuid, details jsonb,
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

-- Changes of rows, as before, save that a row is named by all columns of its key, and that no setting of a connection shows in what
-- is kept: it is compared with the rows years later. Arguments: the columns that say which row it is, and how its patient is found.
CREATE OR REPLACE FUNCTION audit.record_change() RETURNS trigger
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
DROP TRIGGER audit ON app.discussed_risks;
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.discussed_risks FOR EACH ROW EXECUTE FUNCTION audit.record_change('discussion_id code', 'by discussion');
-- A migration alone writes them, but whoever else did would change what everybody may do.
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.permissions     FOR EACH ROW EXECUTE FUNCTION audit.record_change('role permission', 'none');

-- What a migration changes in rows that exist, by a new column's default: written down as it is now, so that verification knows it.
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

-- Which leaf an event is. Numbers have no gaps.
CREATE TABLE audit.leaves (
  leaf_index  bigint      PRIMARY KEY,
  event_id    uuid        NOT NULL,
  occurred_at timestamptz NOT NULL,
  clinic_id   uuid,
  CONSTRAINT leaf_index_from_zero CHECK (leaf_index >= 0),
  CONSTRAINT event_sealed_once    UNIQUE (event_id)
);
CREATE INDEX leaf_by_clinic ON audit.leaves (clinic_id, leaf_index);

-- Tile n of level l: the roots of 256 subtrees of 256^l leaves (c2sp.org/tlog-tiles). The last one of a level grows until it is full.
CREATE TABLE audit.tiles (
  level      smallint NOT NULL,
  tile_index bigint   NOT NULL,
  hashes     bytea    NOT NULL,
  PRIMARY KEY (level, tile_index),
  CONSTRAINT tile_of_hashes CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0)
);
ALTER TABLE audit.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE FUNCTION audit.grow_tile() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF substr(NEW.hashes, 1, octet_length(OLD.hashes)) <> OLD.hashes THEN
    RAISE check_violation USING MESSAGE = 'a tile only grows', CONSTRAINT = 'tile_only_grows';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER grow BEFORE UPDATE ON audit.tiles FOR EACH ROW EXECUTE FUNCTION audit.grow_tile();

-- Signed roots, in the order in which they were signed (c2sp.org/tlog-checkpoint). One row for each signature of a new size, and one
-- now and then without news, which shows that the log is alive.
CREATE TABLE audit.checkpoints (
  id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tree_size bigint      NOT NULL,
  root      bytea       NOT NULL,
  note      text        NOT NULL,
  signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT checkpoint_root_is_hash CHECK (octet_length(root) = 32)
);
CREATE INDEX checkpoint_by_size ON audit.checkpoints (tree_size, id);

-- Which checkpoint is known outside the database, and where. The receipt is a witness's cosignature.
CREATE TABLE audit.anchorings (
  anchor        text        NOT NULL,
  checkpoint_id bigint      NOT NULL,
  receipt       text,
  anchored_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (anchor, checkpoint_id),
  CONSTRAINT anchoring_of_checkpoint FOREIGN KEY (checkpoint_id) REFERENCES audit.checkpoints
);
CREATE INDEX anchoring_by_checkpoint ON audit.anchorings (checkpoint_id);

-- How the log fares, for people to see: of the sealer itself (anchor ''), and of each anchor.
CREATE TABLE audit.log_state (
  anchor     text        PRIMARY KEY,
  -- NULL: all is well.
  problem    text,
  -- The problem is that the log doesn't fit to what was signed before. It isn't signed on.
  halted     boolean     NOT NULL DEFAULT false,
  changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Nothing that was logged is updated or deleted, by the owner's carelessness neither.
CREATE FUNCTION audit.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE insufficient_privilege USING MESSAGE = format('audit.%s is only added to', TG_TABLE_NAME), CONSTRAINT = 'log_append_only';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.leaves      FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoints FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.anchorings  FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE           ON audit.tiles       FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE           ON audit.events      FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();

-- A risk's event was named by its discussion alone.
UPDATE audit.events SET subject_id = subject_id || '/' || (details::jsonb -> 'new' ->> 'code')
 WHERE subject = 'discussed_risks' AND action = 'insert';
-- What was recorded before there was a log, and what was there before anything was recorded.
INSERT INTO audit.unsealed
SELECT id, occurred_at, sha256('\x00'::bytea || convert_to(audit.entry(events), 'UTF8')) FROM audit.events;
SELECT audit.record_present(tgrelid, NULL) FROM pg_trigger WHERE tgname = 'audit' ORDER BY tgrelid::regclass::text COLLATE "C";


-- The sealer sees no values, only their digests.
GRANT SELECT (id, occurred_at, clinic_id, staff_id, staff_name, staff_role, action, outcome, subject, subject_id, patient_id, address,
              user_agent, request_id, details_sha256, nonce) ON audit.events TO assent_sealer;
GRANT SELECT, DELETE                  ON audit.unsealed    TO assent_sealer;
GRANT SELECT, INSERT                  ON audit.leaves      TO assent_sealer;
GRANT SELECT, INSERT, UPDATE (hashes) ON audit.tiles       TO assent_sealer;
GRANT SELECT, INSERT                  ON audit.checkpoints, audit.anchorings TO assent_sealer;
GRANT SELECT, INSERT, UPDATE          ON audit.log_state   TO assent_sealer;
CREATE POLICY seal ON audit.events FOR SELECT TO assent_sealer USING (true);

-- Hashes and signed roots are for everybody to have. Which leaf is whose is for the clinic.
GRANT SELECT               ON audit.leaves, audit.tiles, audit.checkpoints, audit.anchorings, audit.log_state TO assent_app;
GRANT SELECT (occurred_at) ON audit.unsealed TO assent_app;
GRANT EXECUTE ON FUNCTION audit.entry(audit.events) TO assent_app;
ALTER TABLE audit.leaves   ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.unsealed ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON audit.leaves   FOR SELECT TO assent_app    USING (clinic_id = (SELECT app.clinic_for('audit.read')));
CREATE POLICY seal ON audit.leaves   FOR ALL    TO assent_sealer USING (true) WITH CHECK (true);
CREATE POLICY wait ON audit.unsealed FOR SELECT TO assent_app    USING ((SELECT app.clinic_for('audit.read')) IS NOT NULL);
CREATE POLICY seal ON audit.unsealed FOR ALL    TO assent_sealer USING (true);
