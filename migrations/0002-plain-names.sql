-- Names that say what a thing is.

ALTER TABLE app.kept_answers RENAME TO idempotency_keys;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_pkey       TO idempotency_keys_pkey;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answer_of_staff    TO idempotency_key_of_staff;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answer_key_form    TO idempotency_key_form;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answer_fingerprint TO idempotency_key_fingerprint;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answer_of_success  TO idempotency_key_of_success;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answer_whole       TO idempotency_key_whole;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_clinic_id_not_null      TO idempotency_keys_clinic_id_not_null;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_staff_id_not_null       TO idempotency_keys_staff_id_not_null;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_key_not_null            TO idempotency_keys_key_not_null;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_fingerprint_not_null    TO idempotency_keys_fingerprint_not_null;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_transaction_id_not_null TO idempotency_keys_transaction_id_not_null;
ALTER TABLE app.idempotency_keys RENAME CONSTRAINT kept_answers_claimed_at_not_null     TO idempotency_keys_claimed_at_not_null;
ALTER INDEX app.kept_answer_age  RENAME TO idempotency_key_age;
COMMENT ON TABLE app.idempotency_keys IS 'Responses for 24 hours, so that a request can be repeated. No record: those are elsewhere.';

ALTER TABLE audit.verifications RENAME COLUMN told_at TO heartbeat_at;
COMMENT ON COLUMN audit.verifications.heartbeat_at IS 'When the server last reported progress. A server that died reports none.';

COMMENT ON COLUMN app.sessions.consented_regions  IS 'Copied from the consent by app.start_session().';
COMMENT ON COLUMN app.sessions.disclosure_version IS 'Copied from the consent''s disclosure by app.start_session().';
