-- API keys. Creating, changing and ending them is the administrators'; a key never holds a permission that must be fresh.

CREATE FUNCTION app.create_key(label text, role text, profession text, expires_at timestamptz, token_hash text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('key.manage');
  key_id uuid;
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'only an administrator creates API keys';
  END IF;
  IF NOT expires_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '366 days' THEN
    PERFORM app.refuse('key_expiry_within_a_year', 'a key expires within a year');
  END IF;
  INSERT INTO app.staff (clinic_id, name, role, profession)
  VALUES (clinic, label, create_key.role, create_key.profession)
  RETURNING id INTO key_id;
  INSERT INTO auth.session (id, token, staff_id, methods, "expiresAt", last_seen_at)
  VALUES (gen_random_uuid(), token_hash, key_id, 'key', create_key.expires_at, 'epoch');
  PERFORM auth.record_access('key.create', 'success', NULL, app.actor(), NULL, NULL,
                             jsonb_build_object('keyId', key_id, 'label', label, 'role', create_key.role));
  RETURN key_id;
END $$;

CREATE FUNCTION app.keys()
RETURNS TABLE (id uuid, label text, role text, profession text, created_at timestamptz, expires_at timestamptz, last_used_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT staff.id, staff.name, staff.role, staff.profession, session."createdAt", session."expiresAt",
         NULLIF(session.last_seen_at, 'epoch')
    FROM app.staff
    JOIN auth.session ON session.staff_id = staff.id AND session.methods = 'key'
   WHERE staff.clinic_id = app.clinic_for('key.read') AND staff.user_id IS NULL
   ORDER BY staff.id DESC;
END;

CREATE FUNCTION app.revoke_key(key_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  UPDATE app.staff SET active = active * tstzrange(NULL, clock_timestamp())
   WHERE clinic_id = app.clinic_for('key.manage') AND id = key_id AND user_id IS NULL AND active @> clock_timestamp();
  IF FOUND THEN
    PERFORM auth.record_access('key.revoke', 'success', NULL, app.actor(), NULL, NULL, jsonb_build_object('keyId', key_id));
  END IF;
  RETURN FOUND;
END $$;

GRANT EXECUTE ON FUNCTION app.create_key(text, text, text, timestamptz, text), app.keys(), app.revoke_key(uuid) TO assent_app;
