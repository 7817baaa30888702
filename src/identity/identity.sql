-- Who is asking: the functions from which every policy derives the clinic, the person and the permission. The clinic is never a setting
-- that the application chooses: a request's transaction carries the login session's token, and only these functions turn it into a clinic.

GRANT SELECT, INSERT, UPDATE, DELETE
   ON auth."user", auth.session, auth.account, auth.verification, auth.totp, auth.recovery_code, auth.passkey, auth.rate_limit
   TO assent_identity;
GRANT SELECT ON auth.sso_provider TO assent_identity;


-- The one look-up from which everything follows.
--   locked         nothing was heard of the session for clinics.idle_minutes: one more factor unlocks it
--   second_factor  one is due and wasn't shown
--   clinic         none is chosen, or the place in it has ended
--   full           the only state in which there is a clinic, and so any row

CREATE VIEW app.asking AS
  SELECT session.id AS session_id, session."userId" AS user_id, session.methods, session.has_factor, session.only_clinic_id,
         session.last_seen_at, session.methods = 'key' AS machine,
         staff.id AS staff_id, staff.name, staff.email, staff.role, staff.profession,
         clinics.id AS clinic_id, clinics.name AS clinic_name, clinics.time_zone,
         CASE
           WHEN session.methods = 'key' THEN 'full'
           WHEN session.last_seen_at <= now() - make_interval(mins => COALESCE(clinics.idle_minutes, 30)) THEN 'locked'
           WHEN NOT session.mfa AND (session.has_factor OR staff.role = ANY (clinics.mfa_roles)) THEN 'second_factor'
           WHEN staff.id IS NULL THEN 'clinic'
           ELSE 'full'
         END AS state,
         session.methods <> 'key' AND session.authenticated_at > now() - make_interval(mins => clinics.step_up_minutes) AS fresh
    FROM auth.session
    LEFT JOIN app.staff   ON staff.id = session.staff_id AND staff.active @> now()
    LEFT JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE session.token = encode(sha256(convert_to(current_setting('app.token', true), 'UTF8')), 'hex')
     AND session."expiresAt" > now()
     AND (session.methods = 'key' OR session.started_at > now() - make_interval(hours => COALESCE(clinics.session_hours, 12)))
     -- A key whose place has ended has nothing to choose.
     AND (session.methods <> 'key' OR staff.id IS NOT NULL);

CREATE FUNCTION app.clinic() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT asking.clinic_id FROM app.asking WHERE asking.state = 'full';
END;

CREATE FUNCTION app.actor() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT asking.staff_id FROM app.asking WHERE asking.state = 'full';
END;

-- The clinic in which the person who asks holds this permission; NULL, so no row, where they don't. Some are held only for a while after
-- an authentication. A machine has no account.
-- Nobody holds a permission to write in a transaction that reads from an old snapshot: the rules look at what others have committed,
-- and a publication or a risk that the snapshot doesn't show would get past them.
CREATE FUNCTION app.clinic_for(wanted text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT asking.clinic_id
    FROM app.asking
    JOIN app.permissions ON permissions.role = asking.role AND permissions.permission = wanted
   WHERE asking.state = 'full'
     AND (asking.fresh OR NOT permissions.fresh)
     AND NOT (asking.machine AND wanted LIKE 'account.%')
     AND (wanted LIKE '%.read' OR current_setting('transaction_isolation') = 'read committed');
END;

-- Opens a request: binds the token to this transaction, and says who it is and in which state. No row: not signed in.
-- The other arguments are for the audit trail only; nothing follows from them.
CREATE FUNCTION app.sign_on(token text, address text DEFAULT '', user_agent text DEFAULT '', request_id text DEFAULT '')
RETURNS TABLE (state text, fresh boolean, machine boolean, touch boolean, session_id text, user_id text, methods text, has_factor boolean,
               staff_id uuid, name text, email text, role text, profession text, clinic_id uuid, clinic_name text, time_zone text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT set_config('app.token', sign_on.token, true), set_config('app.address', sign_on.address, true),
         set_config('app.user_agent', sign_on.user_agent, true), set_config('app.request_id', sign_on.request_id, true);
  SELECT asking.state, COALESCE(asking.fresh, false), asking.machine, asking.last_seen_at < now() - interval '1 minute',
         asking.session_id, asking.user_id, asking.methods, asking.has_factor,
         asking.staff_id, asking.name, asking.email, asking.role, asking.profession,
         asking.clinic_id, asking.clinic_name, asking.time_zone
    FROM app.asking;
END;

-- Puts off the idle lock, at most once a minute and never once it has fallen; a key's use is recorded as often.
CREATE FUNCTION app.touch(token text, address text, user_agent text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  asking app.asking;
BEGIN
  PERFORM set_config('app.token', touch.token, true);
  SELECT * INTO asking FROM app.asking;
  UPDATE auth.session SET last_seen_at = clock_timestamp()
   WHERE id = asking.session_id AND asking.state <> 'locked' AND last_seen_at < clock_timestamp() - interval '1 minute';
  IF FOUND AND asking.machine THEN
    PERFORM auth.record_access('key.use', 'success', NULL, asking.staff_id, address, user_agent, NULL);
  END IF;
END $$;

GRANT SELECT ON app.permissions TO assent_app;
GRANT EXECUTE ON FUNCTION app.clinic(), app.actor(), app.clinic_for(text), app.sign_on(text, text, text, text), app.touch(text, text, text)
   TO assent_app;


-- A session begins in the clinic that it names, or in the only one there is to choose.
CREATE FUNCTION auth.begin_session() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  places uuid[] := ARRAY(SELECT id FROM app.staff
                          WHERE user_id = NEW."userId" AND active @> clock_timestamp()
                            AND (NEW.only_clinic_id IS NULL OR clinic_id = NEW.only_clinic_id));
BEGIN
  IF NEW."userId" IS NULL THEN
    RETURN NEW;
  END IF;
  -- Somebody without a place comes in too, to accept an invitation and for nothing else.
  IF NEW.staff_id IS NULL THEN
    NEW.staff_id := CASE cardinality(places) WHEN 1 THEN places[1] END;
  ELSIF NEW.staff_id <> ALL (places) THEN
    PERFORM app.refuse('session_in_own_clinic', 'the person has no place in this clinic, or this sign-in does not count there');
  END IF;
  NEW.has_factor := EXISTS (SELECT FROM auth.totp WHERE user_id = NEW."userId" AND confirmed_at IS NOT NULL)
                 OR EXISTS (SELECT FROM auth.passkey WHERE user_id = NEW."userId");
  RETURN NEW;
END $$;
CREATE TRIGGER begin_session BEFORE INSERT ON auth.session FOR EACH ROW EXECUTE FUNCTION auth.begin_session();

-- A password that is too short to stand alone holds only together with a second factor.
CREATE FUNCTION auth.keep_factor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  person text := CASE TG_TABLE_NAME WHEN 'account' THEN to_jsonb(NEW) ->> 'userId' ELSE to_jsonb(OLD) ->> 'user_id' END;
BEGIN
  -- Parallel removals take turns, and so do a removal and a shorter password.
  PERFORM FROM auth."user" WHERE id = person FOR UPDATE;
  IF EXISTS (SELECT FROM auth.account WHERE "userId" = person AND needs_factor)
     AND NOT EXISTS (SELECT FROM auth.totp WHERE user_id = person AND confirmed_at IS NOT NULL)
     AND NOT EXISTS (SELECT FROM auth.passkey WHERE user_id = person) THEN
    PERFORM app.refuse('factor_needed_by_password', 'the password is too short to stand alone');
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER keep_factor AFTER DELETE           ON auth.totp    FOR EACH ROW EXECUTE FUNCTION auth.keep_factor();
CREATE TRIGGER keep_factor AFTER DELETE           ON auth.passkey FOR EACH ROW EXECUTE FUNCTION auth.keep_factor();
CREATE TRIGGER keep_factor AFTER INSERT OR UPDATE ON auth.account FOR EACH ROW WHEN (NEW.needs_factor) EXECUTE FUNCTION auth.keep_factor();

-- An authentication event: in the clinic of the place that is given, or in each where the person works. An attempt on an account that
-- doesn't exist belongs to none.
CREATE FUNCTION auth.record_access(event text, outcome text, user_id text, staff_id uuid, address text, user_agent text, detail jsonb,
                                   request_id text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  place app.staff;
BEGIN
  IF request_id IS NOT NULL THEN
    PERFORM set_config('app.request_id', record_access.request_id, true);
  END IF;
  FOR place IN
    SELECT * FROM app.staff
     WHERE CASE WHEN record_access.staff_id IS NOT NULL THEN staff.id = record_access.staff_id
                ELSE staff.user_id = record_access.user_id
                     -- Not for a clinic that has only invited them, or that they have left, while they work in another one.
                     AND (active @> clock_timestamp()
                          OR NOT EXISTS (SELECT FROM app.staff AS other
                                          WHERE other.user_id = record_access.user_id AND other.active @> clock_timestamp())) END
  LOOP
    PERFORM audit.record(event, outcome, NULL, NULL, NULL, detail, place, address, user_agent);
  END LOOP;
  IF NOT FOUND THEN
    PERFORM audit.record(event, outcome, NULL, NULL, NULL, detail, NULL, address, user_agent);
  END IF;
END $$;
-- The event of a login that this act has opened: by which means, and how far it has come.
CREATE FUNCTION auth.record_sign_in(token text, address text, user_agent text, request_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  asking app.asking;
BEGIN
  PERFORM set_config('app.token', record_sign_in.token, true);
  SELECT * INTO STRICT asking FROM app.asking;
  PERFORM set_config('app.token', '', true);
  PERFORM auth.record_access('sign-in', 'success', asking.user_id, asking.staff_id, address, user_agent,
                             jsonb_build_object('methods', string_to_array(asking.methods, ' '), 'state', asking.state), request_id);
END $$;

GRANT EXECUTE ON FUNCTION auth.record_access(text, text, text, uuid, text, text, jsonb, text), auth.record_sign_in(text, text, text, text)
   TO assent_identity;


-- Login sessions as their owner and the administrators see them.

CREATE FUNCTION app.login_sessions(of_staff uuid)
RETURNS TABLE (id text, methods text, address text, user_agent text, started_at timestamptz, last_seen_at timestamptz,
               expires_at timestamptz, current boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT session.id, session.methods, session."ipAddress", session."userAgent", session.started_at, session.last_seen_at,
         LEAST(session."expiresAt", session.started_at + make_interval(hours => COALESCE(clinics.session_hours, 12))),
         session.id = asking.session_id
    FROM app.asking
    JOIN auth.session ON CASE WHEN login_sessions.of_staff IS NULL THEN session."userId" = asking.user_id
                              ELSE session.staff_id = login_sessions.of_staff END
    LEFT JOIN app.staff   ON staff.id = session.staff_id
    LEFT JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE session.methods <> 'key'
     AND LEAST(session."expiresAt", session.started_at + make_interval(hours => COALESCE(clinics.session_hours, 12))) > now()
     AND CASE WHEN login_sessions.of_staff IS NULL THEN app.clinic_for('account.read') IS NOT NULL
              ELSE staff.clinic_id = app.clinic_for('staff.read') END
   ORDER BY session.last_seen_at DESC;
END;

-- One of one's own, all other ones of one's own, or as an administrator those of somebody in the clinic. Ending a session
-- takes no fresh authentication: a person who sees a stranger's session must be able to end it immediately.
CREATE FUNCTION app.end_login_sessions(of_staff uuid, only_id text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  asking app.asking;
  ended  integer := 0;
  one    record;
BEGIN
  SELECT * INTO asking FROM app.asking;
  FOR one IN
    DELETE FROM auth.session
     WHERE methods <> 'key'
       AND (only_id IS NULL OR id = only_id)
       AND (only_id IS NOT NULL OR id <> asking.session_id)
       AND CASE WHEN of_staff IS NULL THEN "userId" = asking.user_id AND app.clinic_for('account.read') IS NOT NULL
                ELSE staff_id = of_staff
                     AND EXISTS (SELECT FROM app.staff WHERE staff.id = of_staff AND staff.clinic_id = app.clinic_for('staff.read')) END
    RETURNING "userId", staff_id
  LOOP
    ended := ended + 1;
    PERFORM auth.record_access('session.end', 'success', one."userId", one.staff_id, NULL, NULL,
                               jsonb_build_object('by', asking.staff_id));
  END LOOP;
  RETURN ended;
END $$;

-- The clinics that the signed-in person may choose, in any state of the session.
CREATE FUNCTION app.places()
RETURNS TABLE (clinic_id uuid, clinic_name text, staff_id uuid, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT clinics.id, clinics.name, staff.id, staff.role
    FROM app.asking
    JOIN app.staff   ON staff.user_id = asking.user_id AND staff.active @> now()
    JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE asking.only_clinic_id IS NULL OR staff.clinic_id = asking.only_clinic_id
   ORDER BY clinics.name, clinics.id;
END;

GRANT EXECUTE ON FUNCTION app.login_sessions(uuid), app.end_login_sessions(uuid, text), app.places() TO assent_app;

-- The names of the clinics where a person has a place, which no password of theirs may contain.
CREATE FUNCTION auth.clinics_of(user_id text) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT COALESCE(array_agg(clinics.name), '{}')
    FROM app.staff JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE staff.user_id = clinics_of.user_id;
END;

-- Single sign-on speaks for one clinic, so that it must not change an account that opens another one too.
CREATE FUNCTION auth.may_change_account(session_id text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM app.staff WHERE staff.user_id = session."userId" AND staff.clinic_id <> session.only_clinic_id)
    FROM auth.session
   WHERE session.id = may_change_account.session_id;
END;

GRANT EXECUTE ON FUNCTION auth.clinics_of(text), auth.may_change_account(text) TO assent_identity;


-- Single sign-on as administrators set it up. The secret comes encrypted, and is never read back.

CREATE FUNCTION app.sso_provider() RETURNS TABLE (label text, issuer text, client_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT sso_provider.label, sso_provider.issuer, sso_provider.client_id
    FROM auth.sso_provider WHERE sso_provider.clinic_id = app.clinic_for('clinic.read');
END;

CREATE FUNCTION app.write_sso_provider(label text, issuer text, client_id text, client_secret text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('clinic.manage');
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'only an administrator sets up single sign-on';
  END IF;
  -- Logins made by another provider end.
  DELETE FROM auth.session WHERE only_clinic_id = clinic;
  IF write_sso_provider.issuer IS NULL THEN
    DELETE FROM auth.sso_provider WHERE clinic_id = clinic;
  ELSE
    INSERT INTO auth.sso_provider (clinic_id, label, issuer, client_id, client_secret)
    VALUES (clinic, write_sso_provider.label, write_sso_provider.issuer, write_sso_provider.client_id, write_sso_provider.client_secret)
    ON CONFLICT ON CONSTRAINT sso_provider_pkey DO UPDATE
       SET label = EXCLUDED.label, issuer = EXCLUDED.issuer, client_id = EXCLUDED.client_id, client_secret = EXCLUDED.client_secret;
  END IF;
  PERFORM auth.record_access('clinic.sso', 'success', NULL, app.actor(), NULL, NULL, jsonb_build_object('issuer', write_sso_provider.issuer));
END $$;

GRANT EXECUTE ON FUNCTION app.sso_provider(), app.write_sso_provider(text, text, text, text) TO assent_app;

-- The place of the person whom a clinic's provider vouches for; no row where nobody with this address works there. An
-- invitation is accepted by it, unless the account is also used elsewhere: then its owner must accept, signed in.
CREATE FUNCTION auth.admit_by_provider(clinic uuid, email text) RETURNS TABLE (user_id text, staff_id uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  person app.staff;
BEGIN
  SELECT * INTO person FROM app.staff
   WHERE clinic_id = clinic AND staff.email = lower(admit_by_provider.email) AND (isempty(active) OR active @> clock_timestamp());
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF isempty(person.active) THEN
    PERFORM FROM auth."user" WHERE id = person.user_id FOR UPDATE;
    IF NOT auth.is_blank(person.user_id)
       AND EXISTS (SELECT FROM app.staff AS other WHERE other.user_id = person.user_id AND other.clinic_id <> clinic) THEN
      PERFORM app.refuse('invitation_by_account', 'the address has an account, which must accept');
    END IF;
    UPDATE app.staff       SET active = tstzrange(clock_timestamp(), NULL) WHERE id = person.id AND isempty(active);
    UPDATE auth.invitation SET used_at = clock_timestamp() WHERE invitation.staff_id = person.id AND used_at IS NULL;
  END IF;
  user_id  := person.user_id;
  staff_id := person.id;
  RETURN NEXT;
END $$;
GRANT EXECUTE ON FUNCTION auth.admit_by_provider(uuid, text) TO assent_identity;


-- Opens the login of a member of staff whom the application that imports Assent has signed in, once for each of its sign-ins. However that
-- login ends, the same sign-in opens no other. Like single sign-on it counts in that person's clinic alone.
CREATE FUNCTION auth.open_host_login(token text, member uuid, second_factor boolean, authenticated_at timestamptz, address text,
                                     user_agent text, request_id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  digest text := encode(sha256(convert_to(token, 'UTF8')), 'hex');
  person app.staff;
BEGIN
  SELECT * INTO person FROM app.staff WHERE id = member;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO auth.host_sign_in (sha256, staff_id) VALUES (digest, member) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  INSERT INTO auth.session (id, token, "userId", "ipAddress", "userAgent", "expiresAt", only_clinic_id, staff_id, methods, authenticated_at)
  SELECT gen_random_uuid(), digest, admitted.user_id, address, user_agent, clock_timestamp() + interval '24 hours', person.clinic_id,
         admitted.staff_id, CASE WHEN second_factor THEN 'provider_mfa' ELSE 'provider' END,
         -- Where nobody says when, it was too long ago to count as fresh.
         LEAST(COALESCE(open_host_login.authenticated_at, '-infinity'), clock_timestamp())
    FROM auth.admit_by_provider(person.clinic_id, person.email) AS admitted;
  IF FOUND THEN
    PERFORM auth.record_sign_in(token, address, user_agent, request_id);
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION auth.open_host_login(text, uuid, boolean, timestamptz, text, text, text) TO assent_identity;
