-- Staff: invited, changed, deactivated by an administrator; and their licences, which say during which period they may treat.

-- An account that nobody has used yet. Only such a one takes a password from the holder of a link.
CREATE FUNCTION auth.is_blank(account text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT NOT EXISTS (SELECT FROM auth.account WHERE account."userId" = is_blank.account)
     AND NOT EXISTS (SELECT FROM auth.passkey WHERE passkey.user_id  = is_blank.account)
     AND NOT EXISTS (SELECT FROM app.staff    WHERE staff.user_id    = is_blank.account AND NOT isempty(staff.active));
END;

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
-- any more, a new password. A person who works in several clinics sets that alone, with the link for a
-- forgotten password: the person who makes a link here knows it, and it would open the other clinics.
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
  IF renews AND works_elsewhere THEN
    PERFORM app.refuse('password_set_by_the_person', 'the person also works in another clinic');
  END IF;
  IF NOT person.active @> clock_timestamp() THEN
    UPDATE app.staff SET active = 'empty' WHERE id = person.id;
  END IF;
  expires_at := app.write_invitation(staff_id, token_hash, renews, by_mail);
  PERFORM auth.record_access(CASE WHEN renews THEN 'staff.renew' ELSE 'staff.invite' END, 'success', NULL, app.actor(), NULL, NULL,
                             jsonb_build_object('staffId', staff_id));
  RETURN NEXT;
END $$;

GRANT EXECUTE ON FUNCTION app.invite(text, text, text, text, text, boolean), app.renew_invitation(uuid, text, boolean) TO assent_app;

-- What the holder of a link may see before accepting.
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
CREATE FUNCTION auth.accept_invitation(token_hash text, password_hash text, signed_in text) RETURNS text
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
    IF EXISTS (SELECT FROM app.staff AS other
                                        WHERE other.user_id = invited.user_id AND other.clinic_id <> invited.clinic_id) THEN
      PERFORM app.refuse('password_set_by_the_person', 'the person also works in another clinic');
    END IF;
    DELETE FROM auth.session       WHERE "userId" = invited.user_id;
    INSERT INTO auth.account (id, "accountId", "providerId", "userId", password)
    VALUES (gen_random_uuid(), invited.user_id, 'credential', invited.user_id, password_hash)
    ON CONFLICT ("userId", "providerId") DO UPDATE SET password = EXCLUDED.password, needs_factor = false, "updatedAt" = clock_timestamp();
    DELETE FROM auth.account       WHERE "userId" = invited.user_id AND "providerId" <> 'credential';
    DELETE FROM auth.recovery_code WHERE user_id = invited.user_id;
    DELETE FROM auth.totp          WHERE user_id = invited.user_id;
    DELETE FROM auth.passkey       WHERE user_id = invited.user_id;
  ELSIF NOT auth.is_blank(invited.user_id) THEN
    IF signed_in IS DISTINCT FROM invited.user_id THEN
      PERFORM app.refuse('invitation_by_account', 'the address has an account, which must accept');
    END IF;
  ELSE
    INSERT INTO auth.account (id, "accountId", "providerId", "userId", password)
    VALUES (gen_random_uuid(), invited.user_id, 'credential', invited.user_id, password_hash);
  END IF;

  UPDATE app.staff     SET active = tstzrange(clock_timestamp(), NULL) WHERE id = invited.staff_id AND isempty(active);
  UPDATE auth."user"   SET "emailVerified" = true WHERE id = invited.user_id AND invited.by_mail;
  RETURN invited.user_id;
END $$;

GRANT EXECUTE ON FUNCTION auth.open_invitation(text), auth.accept_invitation(text, text, text) TO assent_identity;

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
      -- Two administrators who leave in parallel take turns.
      PERFORM FROM app.clinics WHERE id = OLD.clinic_id FOR NO KEY UPDATE;
      IF NOT EXISTS (SELECT FROM app.staff
                      WHERE clinic_id = OLD.clinic_id AND id <> OLD.id AND user_id IS NOT NULL
                        AND role = 'administrator' AND active @> clock_timestamp()) THEN
        PERFORM app.refuse('staff_keep_administrator', 'nobody else administers this clinic');
      END IF;
    END IF;
    -- A membership ends now, not at a later date; one that has ended may be offered again. Neither begins it.
    IF NEW.active <> OLD.active AND NOT COALESCE(upper(NEW.active) <= clock_timestamp(), isempty(NEW.active) AND NOT was_active) THEN
      PERFORM app.refuse('staff_begins_by_invitation', 'only the invited person can begin');
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER change BEFORE UPDATE ON app.staff FOR EACH ROW EXECUTE FUNCTION app.change_staff();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.staff FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');
-- After "audit", which needs the login of a person who ends their own membership.
CREATE FUNCTION app.sign_out_staff() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  DELETE FROM auth.session WHERE staff_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER sign_out AFTER UPDATE ON app.staff FOR EACH ROW WHEN (NOT NEW.active @> clock_timestamp()) EXECUTE FUNCTION app.sign_out_staff();

CREATE POLICY own_clinic ON app.staff FOR SELECT TO assent_app USING (clinic_id = (SELECT app.clinic()));
CREATE POLICY change     ON app.staff FOR UPDATE TO assent_app USING (clinic_id = (SELECT app.clinic_for('staff.manage')));
GRANT SELECT, UPDATE (name, role, profession, active) ON app.staff TO assent_app;


-- Licences.

ALTER TABLE app.licences
  ALTER clinic_id   SET DEFAULT app.clinic(),
  ALTER recorded_by SET DEFAULT app.actor();

CREATE FUNCTION app.licence_state(licence app.licences, at timestamptz DEFAULT clock_timestamp()) RETURNS text
LANGUAGE sql IMMUTABLE
RETURN CASE WHEN licence.id IS NULL             THEN 'none'
            WHEN licence.revoked_at IS NOT NULL THEN 'revoked'
            WHEN licence.valid @> at            THEN 'valid'
            WHEN lower(licence.valid) > at      THEN 'not-yet-valid'
            ELSE 'expired' END;

-- The licence of a practitioner that is valid now, the one that is valid longest. It is locked, so that what cites it and a revocation take
-- turns; the clock is read after it. Without one the act is refused, in the words of a start.
CREATE FUNCTION app.require_licence(clinic uuid, practitioner uuid) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, app, pg_temp
AS $$
DECLARE
  licence app.licences;
BEGIN
  SELECT * INTO licence FROM app.licences l
   WHERE l.clinic_id = clinic AND l.practitioner_id = practitioner AND l.valid @> clock_timestamp() AND l.revoked_at IS NULL
   ORDER BY upper(l.valid) DESC NULLS FIRST, l.id LIMIT 1 FOR KEY SHARE;
  IF licence.id IS NULL THEN
    SELECT * INTO licence FROM app.licences l WHERE l.clinic_id = clinic AND l.practitioner_id = practitioner
     ORDER BY upper(l.valid) DESC NULLS LAST LIMIT 1;
    PERFORM app.refuse('licence_' || replace(app.licence_state(licence), '-', '_'), 'this needs a licence that is valid now');
  END IF;
  RETURN licence.id;
END $$;

-- A revocation ends the licence at the server's instant and stays. The row is locked before the clock is
-- read, so that a session that started while we waited lies before the end.
CREATE FUNCTION app.revoke_licence() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
AS $$
BEGIN
  IF OLD.revoked_at IS NOT NULL THEN
    PERFORM app.refuse('licence_revoked_once', 'this licence is already revoked');
  END IF;
  PERFORM FROM app.licences WHERE clinic_id = OLD.clinic_id AND id = OLD.id FOR UPDATE;
  NEW.revoked_at := clock_timestamp();
  NEW.revoked_by := app.actor();
  NEW.valid      := CASE WHEN lower(OLD.valid) >= NEW.revoked_at THEN NULL
                         ELSE OLD.valid * tstzrange(NULL, NEW.revoked_at) END;
  RETURN NEW;
END $$;
CREATE TRIGGER revoke BEFORE UPDATE ON app.licences FOR EACH ROW EXECUTE FUNCTION app.revoke_licence();

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.licences FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');

CREATE POLICY read   ON app.licences FOR SELECT TO assent_app USING      (clinic_id = (SELECT app.clinic()));
CREATE POLICY record ON app.licences FOR INSERT TO assent_app WITH CHECK (clinic_id = (SELECT app.clinic_for('staff.manage')));
CREATE POLICY revoke ON app.licences FOR UPDATE TO assent_app USING      (clinic_id = (SELECT app.clinic_for('staff.manage')));
GRANT SELECT ON app.licences TO assent_app;
GRANT INSERT (practitioner_id, profession, authority, number, valid) ON app.licences TO assent_app;
GRANT UPDATE (revocation_reason)                                     ON app.licences TO assent_app;
GRANT EXECUTE ON FUNCTION app.licence_state(app.licences, timestamptz) TO assent_app;
