-- Who may be the same person: docs/decisions/070-one-person-one-record.md.

-- The birth dates that somebody may have meant who typed this one: itself, day and month swapped, or one digit off.
CREATE FUNCTION app.birth_dates_near(born date) RETURNS date[]
LANGUAGE sql STABLE STRICT SET search_path = pg_catalog, pg_temp
RETURN (WITH typed AS (SELECT to_char(born, 'YYYYMMDD') AS digits),
             near AS (SELECT overlay(digits PLACING digit::text FROM place FOR 1) AS digits
                        FROM typed, generate_series(1, 8) AS place, generate_series(0, 9) AS digit
                       UNION SELECT left(digits, 4) || right(digits, 2) || substr(digits, 5, 2) FROM typed)
        SELECT array_agg(digits::date) FROM near WHERE pg_input_is_valid(digits, 'date'));

-- On the same birth date one word in common, or a likeness of all words, is enough. On a date that is only near, the names must be more
-- alike. Trigrams of words don't depend on their order, so swapped given and family names are alike. The index by birth date finds the
-- candidates; a definer function, as app.search_patients() is.
CREATE FUNCTION app.patients_alike(given_name text, family_name text, born date, most integer) RETURNS SETOF app.patients
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, extensions, pg_temp
AS $$
DECLARE
  clinic uuid   := app.clinic_for('patient.read');
  asked  text   := btrim(app.fold(concat_ws(' ', given_name, family_name)));
  words  text[] := regexp_split_to_array(asked, '\s+');
BEGIN
  -- As in app.search_patients().
  PERFORM pg_advisory_xact_lock_shared(app.erasure_lock(clinic));
  RETURN QUERY
    SELECT p.*
      FROM app.patients p,
           LATERAL (SELECT btrim(app.fold(concat_ws(' ', p.given_name, p.family_name))) AS named) AS other,
           LATERAL (SELECT similarity(other.named, asked) AS alike) AS likeness
     WHERE p.clinic_id = clinic AND NOT p.erased AND p.birth_date = ANY (app.birth_dates_near(born))
       AND CASE WHEN p.birth_date = born THEN alike >= 0.25 OR regexp_split_to_array(other.named, '\s+') && words ELSE alike >= 0.5 END
     ORDER BY p.birth_date = born DESC, alike DESC, p.id LIMIT most;
END $$;
GRANT EXECUTE ON FUNCTION app.patients_alike(text, text, date, integer) TO assent_app;
