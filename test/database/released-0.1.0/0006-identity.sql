-- Identity: how surely somebody has signed in, from where, in which clinic; second factors, invitations, API keys, and
-- the record of all of it. What the application may do still follows from the token alone.

-- A person may work in several clinics; an API key is a member of staff without a person.
ALTER TABLE app.staff
  DROP CONSTRAINT staff_user_id_key,
  ALTER COLUMN user_id DROP NOT NULL,
  ALTER COLUMN email   DROP NOT NULL,
  ADD CONSTRAINT staff_once_per_clinic   UNIQUE (clinic_id, user_id),
  ADD CONSTRAINT staff_id_unique         UNIQUE (id),
  ADD CONSTRAINT staff_of_user           UNIQUE (id, user_id),
  ADD CONSTRAINT staff_person_or_machine CHECK ((user_id IS NULL) = (email IS NULL));
CREATE INDEX staff_by_user ON app.staff (user_id);
COMMENT ON COLUMN app.staff.active IS 'Empty: invited, and not here yet. Ended: deactivated.';

ALTER TABLE app.clinics
  ADD COLUMN idle_minutes    smallint NOT NULL DEFAULT 30,
  ADD COLUMN session_hours   smallint NOT NULL DEFAULT 12,
  ADD COLUMN step_up_minutes smallint NOT NULL DEFAULT 15,
  ADD COLUMN mfa_roles       text[]   NOT NULL DEFAULT '{administrator}',
  ADD CONSTRAINT clinic_idle_minutes    CHECK (idle_minutes    BETWEEN 1 AND 60),
  ADD CONSTRAINT clinic_session_hours   CHECK (session_hours   BETWEEN 1 AND 24),
  ADD CONSTRAINT clinic_step_up_minutes CHECK (step_up_minutes BETWEEN 1 AND 60),
  ADD CONSTRAINT clinic_mfa_roles_known CHECK (mfa_roles <@ '{administrator,practitioner,receptionist}'),
  ADD CONSTRAINT clinic_administrators_need_mfa CHECK (demo OR 'administrator' = ANY (mfa_roles));
COMMENT ON COLUMN app.clinics.mfa_roles IS 'The roles that must show a second factor. Whoever has set one up must show it in any role.';


-- Permissions that need a fresh authentication.

ALTER TABLE app.permissions ADD COLUMN fresh boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN app.permissions.fresh IS 'Held only for clinics.step_up_minutes after an authentication, and never by a machine.';
INSERT INTO app.permissions (permission, role, fresh)
VALUES ('account.manage',    'administrator', true), ('account.manage', 'practitioner', true), ('account.manage', 'receptionist', true),
       ('account.read',      'administrator', false), ('account.read',  'practitioner', false), ('account.read',  'receptionist', false),
       ('staff.read',        'administrator', false),
       ('clinic.read',       'administrator', false),
       ('clinic.manage',     'administrator', true),
       ('key.read',          'administrator', false),
       ('key.manage',        'administrator', true),
       ('audit.read',        'administrator', false);
UPDATE app.permissions SET fresh = true WHERE permission IN ('consent.record', 'consent.withdraw', 'screening.approve', 'staff.manage');


-- Login sessions. The token is kept as its SHA-256, so that a stolen copy of the database opens nothing. An API key is a
-- login session that an administrator opened for a machine.

-- Tokens kept in the clear until now become useless, as they should: everybody signs in anew.
DELETE FROM auth.session;
ALTER TABLE auth.session
  ALTER COLUMN "userId" DROP NOT NULL,
  ADD COLUMN staff_id         uuid,
  ADD COLUMN methods          text        NOT NULL,
  ADD COLUMN started_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN authenticated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ADD COLUMN last_seen_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Single sign-on speaks for the clinic whose provider it is, and for no other.
  ADD COLUMN only_clinic_id   uuid REFERENCES app.clinics,
  ADD COLUMN has_factor       boolean     NOT NULL DEFAULT false,
  ADD COLUMN mfa              boolean     NOT NULL GENERATED ALWAYS AS (
    methods ~ '\m(passkey|provider_mfa|key)\M' OR (methods ~ '\m(password|provider)\M' AND methods ~ '\m(totp|recovery_code)\M')) STORED,
  ADD CONSTRAINT session_token_hashed  CHECK (token ~ '^[0-9a-f]{64}$'),
  ADD CONSTRAINT session_methods_known CHECK (methods = 'key' OR methods ~ '^(password|passkey|totp|recovery_code|provider|provider_mfa)( (password|passkey|totp|recovery_code|provider|provider_mfa))*$'),
  ADD CONSTRAINT session_of_person_or_machine CHECK (("userId" IS NULL) = (methods = 'key')),
  ADD CONSTRAINT session_of_machine_has_staff CHECK (methods <> 'key' OR staff_id IS NOT NULL),
  -- A person's session names a place of that person.
  ADD CONSTRAINT session_of_own_staff  FOREIGN KEY (staff_id, "userId") REFERENCES app.staff (id, user_id),
  ADD CONSTRAINT session_of_some_staff FOREIGN KEY (staff_id)           REFERENCES app.staff (id);

CREATE INDEX session_of_staff ON auth.session (staff_id);

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


-- Second factors.

CREATE TABLE auth.totp (
  user_id      text        PRIMARY KEY REFERENCES auth."user" ON DELETE CASCADE,
  -- Encrypted with a key that isn't in the database.
  secret       text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  confirmed_at timestamptz,
  -- The newest period whose code was accepted: each code counts once.
  last_period  bigint      NOT NULL DEFAULT 0
);

CREATE TABLE auth.recovery_code (
  user_id text NOT NULL REFERENCES auth."user" ON DELETE CASCADE,
  -- SHA-256 of 120 random bits.
  hash    text NOT NULL,
  used_at timestamptz,
  PRIMARY KEY (user_id, hash)
);

CREATE TABLE auth.passkey (
  id           text        PRIMARY KEY,
  user_id      text        NOT NULL REFERENCES auth."user" ON DELETE CASCADE,
  label        text        NOT NULL,
  public_key   bytea       NOT NULL,
  counter      bigint      NOT NULL,
  transports   text[]      NOT NULL,
  backed_up    boolean     NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_used_at timestamptz,
  CONSTRAINT passkey_label_length CHECK (char_length(label) BETWEEN 1 AND 100)
);
CREATE INDEX passkey_of_user ON auth.passkey (user_id);

-- A password that is too short to stand alone holds only together with a second factor.
ALTER TABLE auth.account ADD COLUMN needs_factor boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX account_once ON auth.account ("userId", "providerId");

CREATE FUNCTION auth.keep_factor() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  person text := CASE TG_TABLE_NAME WHEN 'account' THEN to_jsonb(NEW) ->> 'userId' ELSE to_jsonb(OLD) ->> 'user_id' END;
BEGIN
  -- Two removals at once take turns, and so do a removal and a shorter password.
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


-- Invitations: a link that works once, within 72 hours. The newest one of a person counts.

CREATE TABLE auth.invitation (
  token      text        PRIMARY KEY,
  staff_id   uuid        NOT NULL UNIQUE REFERENCES app.staff (id),
  -- For somebody who can't sign in any more: a new password, and the second factors are forgotten.
  renews     boolean     NOT NULL DEFAULT false,
  by_mail    boolean     NOT NULL,
  expires_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '72 hours',
  used_at    timestamptz,
  CONSTRAINT invitation_token_hashed CHECK (token ~ '^[0-9a-f]{64}$')
);

-- Single sign-on: the OpenID provider of a clinic.
CREATE TABLE auth.sso_provider (
  clinic_id     uuid PRIMARY KEY REFERENCES app.clinics,
  label         text NOT NULL,
  issuer        text NOT NULL,
  client_id     text NOT NULL,
  -- Encrypted with a key that isn't in the database.
  client_secret text NOT NULL,
  CONSTRAINT sso_label_length     CHECK (char_length(label)     BETWEEN 1 AND 100),
  CONSTRAINT sso_issuer_length    CHECK (char_length(issuer)    BETWEEN 1 AND 500),
  CONSTRAINT sso_client_id_length CHECK (char_length(client_id) BETWEEN 1 AND 500)
);

CREATE INDEX verification_expiry ON auth.verification ("expiresAt");

-- Attempts that count against the limits; keys are keyed hashes of addresses and accounts.
CREATE TABLE auth.rate_limit (
  key    text    PRIMARY KEY,
  points integer NOT NULL,
  -- Milliseconds since 1970, by the application's clock.
  expire bigint  NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON auth.totp, auth.recovery_code, auth.passkey, auth.rate_limit TO assent_identity;
GRANT SELECT ON auth.sso_provider TO assent_identity;


-- Who is asking: the one look-up from which everything follows.
--   locked         nothing was heard of the session for clinics.idle_minutes: one factor more, and it goes on
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

CREATE OR REPLACE FUNCTION app.clinic() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT asking.clinic_id FROM app.asking WHERE asking.state = 'full';
END;

CREATE OR REPLACE FUNCTION app.actor() RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT asking.staff_id FROM app.asking WHERE asking.state = 'full';
END;

-- As before, and only for a while after an authentication where the permission says so. A machine has no account.
CREATE OR REPLACE FUNCTION app.clinic_for(wanted text) RETURNS uuid
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
-- The rest is kept for the record only; nothing follows from it.
DROP FUNCTION app.sign_on(text);
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

GRANT EXECUTE ON FUNCTION app.sign_on(text, text, text, text), app.touch(text, text, text) TO assent_app;


-- Staff: invited, changed, deactivated by an administrator.

-- An account that nobody has used yet. Only such a one takes a password from whoever holds a link.
CREATE FUNCTION auth.is_blank(account text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM auth.account WHERE account."userId" = is_blank.account)
     AND NOT EXISTS (SELECT FROM auth.passkey WHERE passkey.user_id  = is_blank.account)
     AND NOT EXISTS (SELECT FROM app.staff    WHERE staff.user_id    = is_blank.account AND NOT isempty(staff.active));
END;

DROP FUNCTION app.employ(text, text, text, text, text);
DROP FUNCTION app.found_clinic(text, text, boolean, boolean, text, text, text);
DROP FUNCTION app.add_staff(uuid, text, text, text, text, text);

-- A place in a clinic for a person, who may already have an account from another clinic. It begins when the person accepts.
CREATE FUNCTION app.add_staff(clinic uuid, name text, email text, role text, profession text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  account  text;
  staff_id uuid;
BEGIN
  INSERT INTO auth."user" (id, name, email, "emailVerified")
  VALUES (gen_random_uuid(), add_staff.name, lower(add_staff.email), false)
  ON CONFLICT ON CONSTRAINT user_email_key DO NOTHING;
  SELECT id INTO STRICT account FROM auth."user" WHERE "user".email = lower(add_staff.email);

  INSERT INTO app.staff (clinic_id, user_id, name, email, role, profession, active)
  VALUES (clinic, account, add_staff.name, lower(add_staff.email), add_staff.role, add_staff.profession, 'empty')
  RETURNING id INTO staff_id;
  RETURN staff_id;
END $$;

-- One link at a time: the newest.
CREATE FUNCTION app.write_invitation(staff_id uuid, token_hash text, renews boolean, by_mail boolean) RETURNS timestamptz
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  INSERT INTO auth.invitation (token, staff_id, renews, by_mail)
  VALUES (write_invitation.token_hash, write_invitation.staff_id, write_invitation.renews, write_invitation.by_mail)
  ON CONFLICT ON CONSTRAINT invitation_staff_id_key DO UPDATE
     SET token = EXCLUDED.token, renews = EXCLUDED.renews, by_mail = EXCLUDED.by_mail, expires_at = EXCLUDED.expires_at, used_at = NULL
  RETURNING expires_at;
END;

CREATE FUNCTION app.invite(name text, email text, role text, profession text, token_hash text, by_mail boolean)
RETURNS TABLE (staff_id uuid, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('staff.manage');
BEGIN
  IF clinic IS NULL THEN
    RAISE insufficient_privilege USING MESSAGE = 'only an administrator invites staff';
  END IF;
  staff_id   := app.add_staff(clinic, name, email, role, profession);
  expires_at := app.write_invitation(staff_id, token_hash, false, by_mail);
  PERFORM auth.record_access('staff.invite', 'success', NULL, app.actor(), NULL, NULL, jsonb_build_object('staffId', staff_id));
  RETURN NEXT;
END $$;

-- A new link. For somebody who hasn't accepted or was deactivated, it is the invitation again; for somebody who can't sign in
-- any more, a new password. Whoever works in several clinics gets the latter by mail only: shown to one clinic's
-- administrator, it would open the others.
CREATE FUNCTION app.renew_invitation(staff_id uuid, token_hash text, by_mail boolean)
RETURNS TABLE (expires_at timestamptz, renews boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  clinic uuid := app.clinic_for('staff.manage');
  person app.staff;
  works_elsewhere boolean;
BEGIN
  SELECT * INTO person FROM app.staff WHERE clinic_id = clinic AND id = renew_invitation.staff_id AND user_id IS NOT NULL;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  works_elsewhere := EXISTS (SELECT FROM app.staff AS other WHERE other.user_id = person.user_id AND other.clinic_id <> clinic);
  renews := NOT auth.is_blank(person.user_id) AND (person.active @> clock_timestamp() OR NOT works_elsewhere);
  IF renews AND works_elsewhere AND NOT by_mail THEN
    PERFORM app.refuse('invitation_by_mail', 'the person also works in another clinic');
  END IF;
  IF NOT person.active @> clock_timestamp() THEN
    UPDATE app.staff SET active = 'empty' WHERE id = person.id;
  END IF;
  expires_at := app.write_invitation(staff_id, token_hash, renews, by_mail);
  PERFORM auth.record_access(CASE WHEN renews THEN 'staff.renew' ELSE 'staff.invite' END, 'success', NULL, app.actor(), NULL, NULL,
                             jsonb_build_object('staffId', staff_id));
  RETURN NEXT;
END $$;

-- What the holder of a link may know before accepting.
CREATE FUNCTION auth.open_invitation(token_hash text)
RETURNS TABLE (user_id text, staff_id uuid, name text, email text, role text, clinic_name text, expires_at timestamptz, renews boolean, has_account boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT staff.user_id, staff.id, staff.name, staff.email, staff.role, clinics.name, invitation.expires_at, invitation.renews,
         NOT auth.is_blank(staff.user_id)
    FROM auth.invitation
    JOIN app.staff   ON staff.id = invitation.staff_id
    JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE invitation.token = open_invitation.token_hash
     AND invitation.used_at IS NULL
     AND invitation.expires_at > clock_timestamp()
     AND (isempty(staff.active) OR staff.active @> clock_timestamp());
END;

-- Accepts once. With an account of their own, somebody accepts only when signed in to it: otherwise a link sent by one
-- clinic could put an account that somebody else holds into another. `signed_in` is that person.
CREATE FUNCTION auth.accept_invitation(token_hash text, password_hash text, needs_factor boolean, signed_in text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  invited record;
BEGIN
  UPDATE auth.invitation SET used_at = clock_timestamp()
   WHERE token = token_hash AND used_at IS NULL AND expires_at > clock_timestamp();
  IF NOT FOUND THEN
    PERFORM app.refuse('invitation_open', 'the link was used, replaced, or has expired');
  END IF;
  SELECT invitation.renews, invitation.by_mail, staff.id AS staff_id, staff.user_id, staff.clinic_id,
         isempty(staff.active) OR staff.active @> clock_timestamp() AS is_open
    INTO invited
    FROM auth.invitation JOIN app.staff ON staff.id = invitation.staff_id
   WHERE invitation.token = token_hash;
  IF NOT invited.is_open THEN
    PERFORM app.refuse('invitation_open', 'the person is deactivated');
  END IF;
  -- Two links to one new account take turns.
  PERFORM FROM auth."user" WHERE id = invited.user_id FOR UPDATE;

  IF invited.renews THEN
    -- Since the link was shown the person may have come to another clinic, which it would open.
    IF NOT invited.by_mail AND EXISTS (SELECT FROM app.staff AS other
                                        WHERE other.user_id = invited.user_id AND other.clinic_id <> invited.clinic_id) THEN
      PERFORM app.refuse('invitation_by_mail', 'the person also works in another clinic');
    END IF;
    DELETE FROM auth.session       WHERE "userId" = invited.user_id;
    INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, needs_factor)
    VALUES (gen_random_uuid(), invited.user_id, 'credential', invited.user_id, password_hash, accept_invitation.needs_factor)
    ON CONFLICT ("userId", "providerId")
    DO UPDATE SET password = EXCLUDED.password, needs_factor = EXCLUDED.needs_factor, "updatedAt" = clock_timestamp();
    DELETE FROM auth.account       WHERE "userId" = invited.user_id AND "providerId" <> 'credential';
    DELETE FROM auth.recovery_code WHERE user_id = invited.user_id;
    DELETE FROM auth.totp          WHERE user_id = invited.user_id;
    DELETE FROM auth.passkey       WHERE user_id = invited.user_id;
  ELSIF NOT auth.is_blank(invited.user_id) THEN
    IF signed_in IS DISTINCT FROM invited.user_id THEN
      PERFORM app.refuse('invitation_by_account', 'the address has an account, which must accept');
    END IF;
  ELSE
    INSERT INTO auth.account (id, "accountId", "providerId", "userId", password, needs_factor)
    VALUES (gen_random_uuid(), invited.user_id, 'credential', invited.user_id, password_hash, accept_invitation.needs_factor);
  END IF;

  UPDATE app.staff     SET active = tstzrange(clock_timestamp(), NULL) WHERE id = invited.staff_id AND isempty(active);
  UPDATE auth."user"   SET "emailVerified" = true WHERE id = invited.user_id AND invited.by_mail;
  RETURN invited.user_id;
END $$;
GRANT EXECUTE ON FUNCTION auth.open_invitation(text), auth.accept_invitation(text, text, boolean, text) TO assent_identity;

-- A clinic keeps an administrator; only the invited person begins a place.
CREATE FUNCTION app.change_staff() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  actor      uuid    := app.actor();
  was_active boolean := OLD.active @> clock_timestamp();
  is_active  boolean := NEW.active @> clock_timestamp();
BEGIN
  -- Otherwise an invitation is accepted, or the owner sets up.
  IF session_user = 'assent_app' THEN
    -- One statement may sign its author out between two rows.
    IF actor IS NULL THEN
      RAISE insufficient_privilege USING MESSAGE = 'only an administrator changes staff';
    END IF;
    IF was_active AND OLD.role = 'administrator' AND OLD.user_id IS NOT NULL AND NOT (is_active AND NEW.role = 'administrator') THEN
      -- Two administrators who leave at once take turns.
      PERFORM FROM app.clinics WHERE id = OLD.clinic_id FOR NO KEY UPDATE;
      IF NOT EXISTS (SELECT FROM app.staff
                      WHERE clinic_id = OLD.clinic_id AND id <> OLD.id AND user_id IS NOT NULL
                        AND role = 'administrator' AND active @> clock_timestamp()) THEN
        PERFORM app.refuse('staff_keep_administrator', 'nobody else administers this clinic');
      END IF;
    END IF;
    -- A place ends now and not some day, and one that has ended may be offered anew. Neither begins it, today or later.
    IF NEW.active <> OLD.active AND NOT COALESCE(upper(NEW.active) <= clock_timestamp(), isempty(NEW.active) AND NOT was_active) THEN
      PERFORM app.refuse('staff_begins_by_invitation', 'only the invited person can begin');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER change BEFORE UPDATE ON app.staff FOR EACH ROW EXECUTE FUNCTION app.change_staff();

-- Last, so that whoever ended their own place is still known to what records the change.
CREATE FUNCTION app.sign_out_staff() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  DELETE FROM auth.session WHERE staff_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER sign_out AFTER UPDATE ON app.staff FOR EACH ROW WHEN (NOT NEW.active @> clock_timestamp()) EXECUTE FUNCTION app.sign_out_staff();

CREATE POLICY change ON app.staff FOR UPDATE TO assent_app USING (clinic_id = (SELECT app.clinic_for('staff.manage')));
GRANT UPDATE (name, role, profession, active) ON app.staff TO assent_app;

CREATE POLICY change ON app.clinics FOR UPDATE TO assent_app USING (id = (SELECT app.clinic_for('clinic.manage')));
GRANT UPDATE (name, adult_age_years, screening_valid_days, consent_valid_days, idle_minutes, session_hours, step_up_minutes, mfa_roles)
   ON app.clinics TO assent_app;


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
-- takes no fresh authentication: whoever sees a stranger's session must be able to end it at once.
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

-- The names of the clinics where a person has a place, which no password of theirs may contain.
CREATE FUNCTION auth.clinics_of(user_id text) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT COALESCE(array_agg(clinics.name), '{}')
    FROM app.staff JOIN app.clinics ON clinics.id = staff.clinic_id
   WHERE staff.user_id = clinics_of.user_id;
END;
GRANT EXECUTE ON FUNCTION auth.clinics_of(text) TO assent_identity;

-- Single sign-on speaks for one clinic, so that it must not change an account that opens another one too.
CREATE FUNCTION auth.may_change_account(session_id text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM app.staff WHERE staff.user_id = session."userId" AND staff.clinic_id <> session.only_clinic_id)
    FROM auth.session
   WHERE session.id = may_change_account.session_id;
END;
GRANT EXECUTE ON FUNCTION auth.may_change_account(text) TO assent_identity;

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


-- Single sign-on as administrators set it up. The secret comes encrypted, and never goes back.

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
  -- Whoever came in by another provider must come in again.
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

-- The place of the person whom a clinic's provider vouches for; no row where nobody with this address works there. An
-- invitation is accepted by it, unless the account is also known elsewhere: then its owner must accept, signed in.
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

GRANT EXECUTE ON FUNCTION app.invite(text, text, text, text, text, boolean), app.renew_invitation(uuid, text, boolean),
                          app.create_key(text, text, text, timestamptz, text), app.keys(), app.revoke_key(uuid),
                          app.login_sessions(uuid), app.end_login_sessions(uuid, text), app.places(),
                          app.sso_provider(), app.write_sso_provider(text, text, text, text) TO assent_app;


-- Founds a clinic with its first administrator, who gets an invitation like everybody else.
CREATE FUNCTION app.found_clinic(clinic_name text, time_zone text, is_demo boolean, is_additional boolean,
                                 admin_name text, admin_email text, token_hash text)
RETURNS TABLE (clinic_id uuid, staff_id uuid)
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  LOCK TABLE app.clinics IN SHARE ROW EXCLUSIVE MODE;
  IF NOT is_additional AND EXISTS (SELECT FROM app.clinics) THEN
    PERFORM app.refuse('clinic_already_set_up', 'this database already holds a clinic');
  END IF;
  IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = found_clinic.time_zone) THEN
    PERFORM app.refuse('clinic_time_zone_known', format('%L is no time zone that PostgreSQL knows', found_clinic.time_zone));
  END IF;
  INSERT INTO app.clinics (name, time_zone, demo, mfa_roles)
  VALUES (clinic_name, found_clinic.time_zone, is_demo, CASE WHEN is_demo THEN '{}' ELSE '{administrator}' END::text[])
  RETURNING id INTO clinic_id;
  staff_id := app.add_staff(clinic_id, admin_name, admin_email, 'administrator', NULL);
  -- Publishes the first texts, in this transaction, before anybody accepts.
  UPDATE app.staff SET active = tstzrange(now(), NULL) WHERE id = staff_id;
  PERFORM app.write_invitation(staff_id, token_hash, false, false);
  RETURN NEXT;
END $$;
