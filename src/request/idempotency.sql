-- Safe to repeat: a request repeated with its Idempotency-Key gets the stored response, and changes nothing.

-- No role that serves has a right over the table; this is what would hold if one got it.
CREATE POLICY own ON app.idempotency_keys FOR SELECT TO assent_app
  USING (clinic_id = (SELECT app.clinic()) AND staff_id = (SELECT app.actor()));

CREATE FUNCTION app.idempotency_key_is_valid(claimed_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE
RETURN claimed_at > clock_timestamp() - interval '24 hours';

-- Claims a key for this transaction, or says why it can't be had:
--   claimed        go on, and give the response to app.store_response
--   in_flight      another transaction has it and isn't through
--   other_request  it was used for something else
--   not_kept       it was done; the response held a secret
--   kept           it was done; this was the response
-- No row: nobody is signed in, or not far enough to act.
CREATE FUNCTION app.claim_request(key text, fingerprint bytea)
RETURNS TABLE (verdict text, status smallint, headers jsonb, body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic();
  actor  uuid := app.actor();
  stored app.idempotency_keys;
BEGIN
  IF clinic IS NULL OR actor IS NULL THEN
    RETURN;
  END IF;
  -- Before the look, which then sees what the transaction that had the lock has committed. Not the primary key alone: at a row
  -- that isn't committed a second request would wait, with a connection, for as long as the first one takes.
  IF NOT pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', 'idempotency key', clinic, actor, claim_request.key), 0)) THEN
    verdict := 'in_flight';
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT * INTO stored FROM app.idempotency_keys AS k WHERE k.clinic_id = clinic AND k.staff_id = actor AND k.key = claim_request.key;
  IF FOUND AND app.idempotency_key_is_valid(stored.claimed_at) THEN
    IF stored.fingerprint <> claim_request.fingerprint THEN
      verdict := 'other_request';
    ELSIF stored.status IS NULL THEN
      verdict := 'not_kept';
    ELSE
      verdict := 'kept';
      status  := stored.status;
      headers := stored.headers;
      body    := stored.body;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO app.idempotency_keys (clinic_id, staff_id, key, fingerprint)
  VALUES (clinic, actor, claim_request.key, claim_request.fingerprint)
  -- An expired one that nobody has deleted yet. Never a valid one, whatever became of the lock.
  ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO UPDATE
     SET fingerprint = EXCLUDED.fingerprint, transaction_id = EXCLUDED.transaction_id, claimed_at = EXCLUDED.claimed_at,
         status = NULL, headers = NULL, body = NULL
   WHERE NOT app.idempotency_key_is_valid(idempotency_keys.claimed_at);
  verdict := CASE WHEN FOUND THEN 'claimed' ELSE 'in_flight' END;
  RETURN NEXT;
END $$;

-- Stores the response of the request that claimed the key in this transaction, once. The clinic and the person only say which row:
-- the transaction says whether it may, because a person who ended their own place or session is no longer signed in by now.
CREATE FUNCTION app.store_response(clinic uuid, actor uuid, key text, status smallint, headers jsonb, body text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  UPDATE app.idempotency_keys AS k
     SET status = store_response.status, headers = store_response.headers, body = store_response.body
   WHERE k.clinic_id = store_response.clinic
     AND k.staff_id = store_response.actor
     AND k.key = store_response.key
     AND k.transaction_id = pg_current_xact_id_if_assigned()
     AND k.status IS NULL;
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'only the transaction that claimed a key stores its response, once';
  END IF;
END $$;

-- Deletes what is older than 24 hours: it is about patients, and of no more use. The server calls it at its start and every hour.
-- A row that a request is just replacing is left to that request.
CREATE FUNCTION app.delete_expired_idempotency_keys() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  WITH old AS (
    SELECT clinic_id, staff_id, key FROM app.idempotency_keys WHERE NOT app.idempotency_key_is_valid(claimed_at) FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM app.idempotency_keys USING old
     WHERE (idempotency_keys.clinic_id, idempotency_keys.staff_id, idempotency_keys.key) = (old.clinic_id, old.staff_id, old.key)
    RETURNING 1
  )
  SELECT count(*) FROM gone;
END;

GRANT EXECUTE ON FUNCTION app.claim_request(text, bytea), app.store_response(uuid, uuid, text, smallint, jsonb, text),
                          app.delete_expired_idempotency_keys() TO assent_app;

-- For src/retention/retention.sql. That the requests were done stays known.
CREATE FUNCTION app.erase_responses(clinic uuid, patient uuid) RETURNS jsonb
LANGUAGE sql VOLATILE
BEGIN ATOMIC
  UPDATE app.idempotency_keys k SET status = NULL, headers = NULL, body = NULL
   WHERE k.clinic_id = clinic AND k.body LIKE '%' || patient || '%';
  SELECT '{}'::jsonb;
END;
