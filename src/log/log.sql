-- The log: events as the leaves of a Merkle tree (RFC 6962), whose root is signed. An old root shows whether anything before it was
-- changed since, by any role. assent_sealer appends to the log; nobody changes it.

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

-- Nothing that was logged is updated or deleted, not even by the owner's carelessness.
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

-- The sealer sees no values, only their digests.
GRANT SELECT (id, occurred_at, clinic_id, staff_id, staff_name, staff_role, action, outcome, subject, subject_id, patient_id, address,
              user_agent, request_id, details_sha256, nonce) ON audit.events TO assent_sealer;
GRANT SELECT, DELETE                  ON audit.unsealed    TO assent_sealer;
GRANT SELECT, INSERT                  ON audit.leaves      TO assent_sealer;
GRANT SELECT, INSERT, UPDATE (hashes) ON audit.tiles       TO assent_sealer;
GRANT SELECT, INSERT                  ON audit.checkpoints, audit.anchorings TO assent_sealer;
GRANT SELECT, INSERT, UPDATE          ON audit.log_state   TO assent_sealer;
CREATE POLICY seal ON audit.events   FOR SELECT TO assent_sealer USING (true);
CREATE POLICY seal ON audit.leaves   FOR ALL    TO assent_sealer USING (true) WITH CHECK (true);
CREATE POLICY seal ON audit.unsealed FOR ALL    TO assent_sealer USING (true);

-- Hashes and signed roots are for everybody to have. Which leaf is whose is for the clinic.
GRANT SELECT               ON audit.leaves, audit.tiles, audit.checkpoints, audit.anchorings, audit.log_state TO assent_app;
GRANT SELECT (occurred_at) ON audit.unsealed TO assent_app;
GRANT EXECUTE ON FUNCTION audit.entry(audit.events) TO assent_app;
CREATE POLICY read ON audit.leaves   FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic_for('audit.read')));
CREATE POLICY wait ON audit.unsealed FOR SELECT TO assent_app USING ((SELECT app.clinic_for('audit.read')) IS NOT NULL);


-- Verification of the whole record. Returns the one that is under way, if there is one.
CREATE FUNCTION audit.request_verification() RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('audit.read');
  id     uuid;
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'administrators verify';
  END IF;
  -- Parallel ones take turns.
  PERFORM FROM app.clinics WHERE clinics.id = clinic FOR NO KEY UPDATE;
  SELECT v.id INTO id FROM audit.verifications v
   WHERE v.clinic_id = clinic AND finished_at IS NULL AND COALESCE(heartbeat_at, requested_at) > clock_timestamp() - interval '1 minute';
  IF id IS NULL THEN
    INSERT INTO audit.verifications (clinic_id, requested_by) VALUES (clinic, app.actor()) RETURNING verifications.id INTO id;
    PERFORM audit.record('verify', 'success', 'verifications', id::text, NULL, NULL);
  END IF;
  RETURN id;
END $$;
GRANT EXECUTE ON FUNCTION audit.request_verification() TO assent_app;

CREATE POLICY read   ON audit.verifications FOR SELECT TO assent_app    USING (clinic_id = (SELECT app.clinic_for('audit.read')));
CREATE POLICY verify ON audit.verifications FOR ALL    TO assent_sealer USING (true);
-- Of others' records it is shown only that something is wrong.
CREATE POLICY read   ON audit.findings      FOR SELECT TO assent_app    USING ((SELECT app.clinic_for('audit.read')) IS NOT NULL
  AND (clinic_id IS NULL OR clinic_id = (SELECT app.clinic_for('audit.read')))
  AND EXISTS (SELECT FROM audit.verifications v WHERE v.id = verification_id));
CREATE POLICY verify ON audit.findings      FOR INSERT TO assent_sealer WITH CHECK (true);
GRANT SELECT ON audit.verifications, audit.findings TO assent_app;
GRANT SELECT, UPDATE (started_at, heartbeat_at, finished_at, phase, done, total, entries, row_count, anchored, finding_count, problem) ON audit.verifications TO assent_sealer;
GRANT INSERT ON audit.findings TO assent_sealer;
