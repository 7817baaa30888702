-- What every subject uses: which role may use which schema, and how a rule refuses.
--
-- The owner migrates, sets up and verifies, and serves no request. assent_app serves; assent_identity signs people in; assent_sealer
-- appends to the log.

GRANT USAGE ON SCHEMA app, audit, extensions TO assent_app;
GRANT USAGE ON SCHEMA auth                   TO assent_identity;
GRANT USAGE ON SCHEMA audit                  TO assent_sealer;

-- Refusals by trigger carry a constraint's name, so that the application explains them like any other constraint.
CREATE FUNCTION app.refuse(rule text, message text, detail jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE    = 'check_violation',
    SCHEMA     = 'app',
    CONSTRAINT = rule,
    MESSAGE    = message,
    DETAIL     = COALESCE(detail::text, '');
END $$;

-- A period that ends now, or, where the clock was set back to before its beginning, right after that.
CREATE FUNCTION app.ended_at(period tstzrange, at timestamptz) RETURNS tstzrange
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN tstzrange(lower(period), GREATEST(at, lower(period) + interval '1 microsecond'));
