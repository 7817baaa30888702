-- Clinics: their policies, their calendar, and how one is created.

-- A calendar date (the clinic's midnight; for an end, the midnight after) or an instant as given.
CREATE FUNCTION app.instant(value text, is_end boolean) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT CASE
           WHEN value ~ '^\d{4}-\d{2}-\d{2}$'
           THEN (value::date + is_end::int)::timestamp AT TIME ZONE clinics.time_zone
           ELSE value::timestamptz
         END
    FROM app.clinics
   WHERE clinics.id = app.clinic();
END;

CREATE FUNCTION app.today() RETURNS date
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, app, pg_temp
BEGIN ATOMIC
  SELECT (now() AT TIME ZONE clinics.time_zone)::date FROM app.clinics WHERE clinics.id = app.clinic();
END;

GRANT EXECUTE ON FUNCTION app.instant(text, boolean), app.today() TO assent_app;

-- Creates a clinic with its first administrator, who gets an invitation like everybody else. Called by the owner only (set-up, demo).
-- The lock makes two first set-ups take turns: the second one sees the first one's clinic.
CREATE FUNCTION app.create_clinic(clinic_name text, time_zone text, is_demo boolean, is_additional boolean,
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
  IF NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = create_clinic.time_zone) THEN
    PERFORM app.refuse('clinic_time_zone_known', format('%L is no time zone that PostgreSQL knows', create_clinic.time_zone));
  END IF;
  INSERT INTO app.clinics (name, time_zone, demo, mfa_roles)
  VALUES (clinic_name, create_clinic.time_zone, is_demo, CASE WHEN is_demo THEN '{}' ELSE '{administrator}' END::text[])
  RETURNING id INTO clinic_id;
  staff_id := app.add_staff(clinic_id, admin_name, admin_email, 'administrator', NULL);
  -- Publishes the first texts, in this transaction, before anybody accepts.
  UPDATE app.staff SET active = tstzrange(now(), NULL) WHERE id = staff_id;
  PERFORM app.write_invitation(staff_id, token_hash, false, false);
  RETURN NEXT;
END $$;

CREATE TRIGGER audit AFTER INSERT OR UPDATE ON app.clinics FOR EACH ROW EXECUTE FUNCTION audit.record_change('id', 'none');

CREATE POLICY own_clinic ON app.clinics FOR SELECT TO assent_app USING (id = (SELECT app.clinic()));
CREATE POLICY change     ON app.clinics FOR UPDATE TO assent_app USING (id = (SELECT app.clinic_for('clinic.manage')));
GRANT SELECT ON app.clinics TO assent_app;
GRANT UPDATE (name, adult_age_years, screening_valid_days, consent_valid_days, idle_minutes, session_hours, step_up_minutes, mfa_roles,
              retention_years) ON app.clinics TO assent_app;
