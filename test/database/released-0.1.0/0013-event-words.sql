-- Events are found by words in the values that they hold. The index has the words of texts, not of keys and numbers: a third of the work.
CREATE INDEX event_by_words ON audit.events USING gin (jsonb_to_tsvector('simple', details::jsonb, '["string"]'));

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
