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

-- Whether a text has a letter, digit or emoji that shows. Fillers of Hangul are letters, and show nothing. In PostgreSQL's own locale, so
-- that it is the same everywhere.
CREATE FUNCTION app.has_words(words text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
RETURN translate(words, U&'\115F\1160\3164\FFA0', '') COLLATE pg_c_utf8 ~ U&'[[:alnum:]\+01F000-\+01FAFF]';

-- The same of a value in a document, which must be a text.
CREATE FUNCTION app.has_words(value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
RETURN COALESCE(jsonb_typeof(value) = 'string' AND app.has_words(value #>> '{}'), false);

-- A name can be read, and holds no bidirectional control, which would show it in another order.
CREATE FUNCTION app.is_name(name text) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
RETURN app.has_words(name) AND name !~ U&'[\061C\200E\200F\202A-\202E\2066-\2069]';

-- A period that ends now, or, where the clock was set back to before its beginning, right after that.
CREATE FUNCTION app.ended_at(period tstzrange, at timestamptz) RETURNS tstzrange
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
RETURN tstzrange(lower(period), GREATEST(at, lower(period) + interval '1 microsecond'));
