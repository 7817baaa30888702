-- Sign-ins of the application that imports Assent.

CREATE TABLE auth.host_sign_in (
  sha256    text        PRIMARY KEY,
  staff_id  uuid        NOT NULL REFERENCES app.staff (id),
  opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT host_sign_in_hashed CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE auth.host_sign_in IS 'Each opened one login, once: a login that has ended isn''t opened again by the same sign-in.';
