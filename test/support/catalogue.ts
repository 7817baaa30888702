import { type TestDatabase, withClient } from './database.js';

const OURS = `'{app,auth,audit}'::regnamespace[]::oid[]`;
const acl = (rights: string, kind: string, owner: string) =>
  `(SELECT string_agg(format('%s %s', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type), ', ' ORDER BY 1)
      FROM (SELECT grantee, privilege_type FROM aclexplode(COALESCE(${rights}, acldefault('${kind}', ${owner})))
             WHERE grantee <> ${owner} ORDER BY grantee::regrole::text COLLATE "C", privilege_type) AS granted)`;

/** All that a database defines, each as one line that says what it is. The columns of a table are numbered without those that were dropped. */
const QUERIES = [
  `SELECT format('schema %s: %s', nspname, ${acl('nspacl', 'n', 'nspowner')}) FROM pg_namespace WHERE oid = ANY (${OURS}) OR nspname IN ('public', 'extensions', 'migrations')`,
  `SELECT format('%s %s: security %s, options %s, persistence %s, partition %s %s, rights %s', relkind, oid::regclass, relrowsecurity, reloptions, relpersistence,
                 relispartition, pg_get_expr(relpartbound, oid), ${acl('relacl', 'r', 'relowner')})
     FROM pg_class WHERE relnamespace = ANY (${OURS}) AND relkind IN ('r', 'p', 'v', 'S')`,
  `SELECT format('column %s %s.%s: %s %s null %s default %s generated %s identity %s storage %s rights %s', attrelid::regclass,
                 row_number() OVER (PARTITION BY attrelid ORDER BY attnum), attname, format_type(atttypid, atttypmod), attcollation::regcollation, NOT attnotnull,
                 pg_get_expr(adbin, adrelid), attgenerated, attidentity, attstorage,
                 (SELECT string_agg(format('%s %s', grantee::regrole, privilege_type), ', ' ORDER BY grantee::regrole::text COLLATE "C", privilege_type) FROM aclexplode(attacl)))
     FROM pg_attribute JOIN pg_class c ON c.oid = attrelid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE relnamespace = ANY (${OURS}) AND relkind IN ('r', 'p', 'v') AND attnum > 0 AND NOT attisdropped`,
  `SELECT format('constraint %s.%s: %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = ANY (${OURS})`,
  `SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname IN ('app', 'auth', 'audit')`,
  `SELECT format('view %s: %s', oid::regclass, pg_get_viewdef(oid)) FROM pg_class WHERE relnamespace = ANY (${OURS}) AND relkind = 'v'`,
  `SELECT format('function %s, rights %s', pg_get_functiondef(oid), ${acl('proacl', 'f', 'proowner')}) FROM pg_proc WHERE pronamespace = ANY (${OURS})`,
  `SELECT format('trigger %s %s', tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = ANY (${OURS}) AND NOT tgisinternal`,
  `SELECT format('policy %s.%s on %s: %s %s %s using %s check %s', schemaname, tablename, policyname, permissive, roles, cmd, qual, with_check) FROM pg_policies`,
  `SELECT format('comment on %s: %s', pg_describe_object(classoid, objoid, objsubid), description)
     FROM pg_description LEFT JOIN pg_class c ON classoid = 'pg_class'::regclass AND c.oid = objoid LEFT JOIN pg_proc p ON classoid = 'pg_proc'::regclass AND p.oid = objoid
    WHERE COALESCE(relnamespace, pronamespace) = ANY (${OURS})`,
  `SELECT format('default rights %s %s %s', defaclrole::regrole, defaclobjtype, ${acl('defaclacl', 'f', 'defaclrole')}) FROM pg_default_acl`,
  `SELECT format('extension %s in %s', extname, extnamespace::regnamespace) FROM pg_extension`,
  `SELECT format('permission %s', p) FROM app.permissions p`,
  `SELECT format('segment %s', s) FROM app.segments s`,
  `SELECT format('migration %s %s', name, sha256) FROM migrations.applied`,
  `SELECT format('state %s', sha256) FROM migrations.state`,
  `SELECT format('unrecorded %s', u) FROM migrations.unrecorded u`,
];

export async function catalogueOf(database: TestDatabase): Promise<string[]> {
  return withClient(database.superuser, async (client) => {
    const lines: string[] = [];
    for (const text of QUERIES) lines.push(...(await client.query<{ format: string }>(text)).rows.map(({ format }) => format));
    return lines.sort();
  });
}
