-- Safe to repeat: a request that carries an Idempotency-Key claims it in the transaction in which it acts, and its answer is kept
-- there too. So either both are there or neither is, and whoever repeats the request gets that answer and changes nothing.

CREATE TABLE app.kept_answers (
  clinic_id      uuid        NOT NULL,
  staff_id       uuid        NOT NULL,
  key            text        NOT NULL,
  -- A keyed digest of what was asked: the same key with something else is a mistake.
  fingerprint    bytea       NOT NULL,
  -- Who claimed the key gives the answer, and nobody later.
  transaction_id xid8        NOT NULL DEFAULT pg_current_xact_id(),
  claimed_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- NULL: it was done, and its answer isn't kept because it held a secret.
  status         smallint,
  headers        jsonb,
  -- JSON as text, so that it is the same text again. NULL: an answer without a body.
  body           text,
  PRIMARY KEY (clinic_id, staff_id, key),
  CONSTRAINT kept_answer_of_staff    FOREIGN KEY (clinic_id, staff_id) REFERENCES app.staff,
  CONSTRAINT kept_answer_key_form    CHECK (key ~ '^[A-Za-z0-9._~:+/=-]{16,128}$'),
  CONSTRAINT kept_answer_fingerprint CHECK (octet_length(fingerprint) = 32),
  -- What was refused was rolled back, and its key with it.
  CONSTRAINT kept_answer_of_success  CHECK (status BETWEEN 200 AND 299),
  CONSTRAINT kept_answer_whole       CHECK (status IS NOT NULL OR (headers IS NULL AND body IS NULL))
);
CREATE INDEX kept_answer_age ON app.kept_answers (claimed_at);
COMMENT ON TABLE app.kept_answers IS 'Answers for 24 hours, so that a request can be repeated. No record: those are elsewhere.';

-- No role that serves has a right over the table; this is what would hold if one got it.
ALTER TABLE app.kept_answers ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON app.kept_answers FOR SELECT TO assent_app
  USING (clinic_id = (SELECT app.clinic()) AND staff_id = (SELECT app.actor()));

CREATE FUNCTION app.answer_is_kept(claimed_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN claimed_at > clock_timestamp() - interval '24 hours';

-- Claims a key for this transaction, or says why it can't be had:
--   claimed        go on, and give the answer to app.keep_answer
--   in_flight      another transaction has it and isn't through
--   other_request  it was used for something else
--   not_kept       it was done; the answer held a secret
--   kept           it was done; this was the answer
-- No row: nobody is signed in, or not far enough to act.
CREATE FUNCTION app.claim_request(key text, fingerprint bytea)
RETURNS TABLE (verdict text, status smallint, headers jsonb, body text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic();
  actor  uuid := app.actor();
  kept   app.kept_answers;
BEGIN
  IF clinic IS NULL OR actor IS NULL THEN
    RETURN;
  END IF;
  -- Before the look, which then sees what the transaction that had the lock has committed. Not the primary key alone: at a row
  -- that isn't committed a second request would wait, with a connection, for as long as the first one takes.
  IF NOT pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', 'kept answer', clinic, actor, claim_request.key), 0)) THEN
    verdict := 'in_flight';
    RETURN NEXT;
    RETURN;
  END IF;
  SELECT * INTO kept FROM app.kept_answers AS k WHERE k.clinic_id = clinic AND k.staff_id = actor AND k.key = claim_request.key;
  IF FOUND AND app.answer_is_kept(kept.claimed_at) THEN
    IF kept.fingerprint <> claim_request.fingerprint THEN
      verdict := 'other_request';
    ELSIF kept.status IS NULL THEN
      verdict := 'not_kept';
    ELSE
      verdict := 'kept';
      status  := kept.status;
      headers := kept.headers;
      body    := kept.body;
    END IF;
    RETURN NEXT;
    RETURN;
  END IF;
  INSERT INTO app.kept_answers (clinic_id, staff_id, key, fingerprint)
  VALUES (clinic, actor, claim_request.key, claim_request.fingerprint)
  -- An old one that nobody has removed yet. Never one that is kept, whatever became of the lock.
  ON CONFLICT ON CONSTRAINT kept_answers_pkey DO UPDATE
     SET fingerprint = EXCLUDED.fingerprint, transaction_id = EXCLUDED.transaction_id, claimed_at = EXCLUDED.claimed_at,
         status = NULL, headers = NULL, body = NULL
   WHERE NOT app.answer_is_kept(kept_answers.claimed_at);
  verdict := CASE WHEN FOUND THEN 'claimed' ELSE 'in_flight' END;
  RETURN NEXT;
END $$;

-- Keeps the answer of the request that claimed the key in this transaction, once. The clinic and the person only say which row:
-- the transaction says whether it may, because whoever ended their own place or session is nobody any more by now.
CREATE FUNCTION app.keep_answer(clinic uuid, actor uuid, key text, status smallint, headers jsonb, body text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  UPDATE app.kept_answers AS k
     SET status = keep_answer.status, headers = keep_answer.headers, body = keep_answer.body
   WHERE k.clinic_id = keep_answer.clinic
     AND k.staff_id = keep_answer.actor
     AND k.key = keep_answer.key
     AND k.transaction_id = pg_current_xact_id_if_assigned()
     AND k.status IS NULL;
  IF NOT FOUND THEN
    RAISE insufficient_privilege USING MESSAGE = 'only the transaction that claimed a key keeps its answer, once';
  END IF;
END $$;

-- Removes what is older than 24 hours: it is about patients, and of no more use. The server calls it at its start and every hour.
-- A row that a request is just replacing is left to that request.
CREATE FUNCTION app.forget_answers() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  WITH old AS (
    SELECT clinic_id, staff_id, key FROM app.kept_answers WHERE NOT app.answer_is_kept(claimed_at) FOR UPDATE SKIP LOCKED
  ), gone AS (
    DELETE FROM app.kept_answers USING old
     WHERE (kept_answers.clinic_id, kept_answers.staff_id, kept_answers.key) = (old.clinic_id, old.staff_id, old.key)
    RETURNING 1
  )
  SELECT count(*) FROM gone;
END;

GRANT EXECUTE ON FUNCTION app.claim_request(text, bytea), app.keep_answer(uuid, uuid, text, smallint, jsonb, text), app.forget_answers()
   TO assent_app;
