-- Drops whatever of our schemas the state files define, so that they can define it again and nothing else is left. What tables depend on
-- stays: functions in a CHECK, a generated column or an index.
DO $$
DECLARE
  ours    CONSTANT oid[] := '{app,auth,audit}'::regnamespace[];
  command text;
BEGIN
  FOR command IN
    SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)
      FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
     WHERE relnamespace = ANY (ours) AND NOT tgisinternal AND tgparentid = 0
     UNION ALL
    SELECT format('DROP POLICY %I ON %s', polname, polrelid::regclass)
      FROM pg_policy JOIN pg_class c ON c.oid = polrelid
     WHERE relnamespace = ANY (ours)
     UNION ALL
    -- A default that calls a function of ours. Generated columns stay.
    SELECT DISTINCT format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', adrelid::regclass, attname)
      FROM pg_attrdef d
      JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum AND a.attgenerated = ''
      JOIN pg_depend on_function ON on_function.classid = 'pg_attrdef'::regclass AND on_function.objid = d.oid AND on_function.refclassid = 'pg_proc'::regclass
      JOIN pg_proc p ON p.oid = on_function.refobjid AND p.pronamespace = ANY (ours)
  LOOP
    EXECUTE command;
  END LOOP;

  -- With the functions that read them.
  SELECT 'DROP VIEW ' || string_agg(oid::regclass::text, ', ') || ' CASCADE' INTO command
    FROM pg_class WHERE relnamespace = ANY (ours) AND relkind = 'v';
  IF command IS NOT NULL THEN
    EXECUTE command;
  END IF;

  WITH RECURSIVE needed (oid) AS (
    SELECT refobjid FROM pg_depend WHERE refclassid = 'pg_proc'::regclass AND classid <> 'pg_proc'::regclass
     UNION
    SELECT refobjid FROM pg_depend JOIN needed ON classid = 'pg_proc'::regclass AND objid = needed.oid WHERE refclassid = 'pg_proc'::regclass)
  SELECT 'DROP ROUTINE ' || string_agg(oid::regprocedure::text, ', ') INTO command
    FROM pg_proc WHERE pronamespace = ANY (ours) AND oid NOT IN (SELECT oid FROM needed);
  IF command IS NOT NULL THEN
    EXECUTE command;
  END IF;
END $$;

REVOKE ALL ON ALL TABLES    IN SCHEMA app, auth, audit FROM PUBLIC, assent_app, assent_identity, assent_sealer;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA app, auth, audit FROM PUBLIC, assent_app, assent_identity, assent_sealer;
REVOKE ALL ON ALL ROUTINES  IN SCHEMA app, auth, audit FROM PUBLIC, assent_app, assent_identity, assent_sealer;
REVOKE ALL ON SCHEMA app, auth, audit, extensions      FROM PUBLIC, assent_app, assent_identity, assent_sealer;
