import { Client } from 'pg';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let client: Client;
beforeAll(async () => {
  database = await createDatabase();
  client = new Client({ connectionString: database.superuser });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const rows = async <T extends object>(sql: string): Promise<T[]> => (await client.query<T>(sql)).rows;
const names = async (sql: string): Promise<string[]> => (await rows<{ name: string }>(sql)).map(({ name }) => name);

describe('the role that serves', () => {
  it('writes these columns and no others', async () => {
    const writable = await rows<{ table: string; privilege: string; columns: string[] }>(`
      SELECT table_name AS table, privilege_type AS privilege, array_agg(column_name::text ORDER BY column_name)::text[] AS columns
        FROM information_schema.column_privileges
       WHERE grantee IN ('assent_app', 'PUBLIC') AND table_schema = 'app' AND privilege_type IN ('INSERT', 'UPDATE', 'REFERENCES')
       GROUP BY table_name, privilege_type ORDER BY table_name, privilege_type`);
    expect(Object.fromEntries(writable.map(({ table, privilege, columns }) => [`${privilege} ${table}`, columns.join(' ')]))).toEqual({
      'UPDATE clinics':
        'adult_age_years consent_valid_days idle_minutes mfa_roles name retention_years screening_valid_days session_hours step_up_minutes',
      'UPDATE staff': 'active name profession role',
      'INSERT consents':
        'alternatives_discussed capacity_confirmed decided_by decision discussion_id regions representative_id right_to_withdraw_told signature teach_back witness',
      'UPDATE consents': 'withdrawal_reason withdrawn_by withdrawn_by_representative',
      'INSERT disclosures': 'content language requires_reconsent',
      'INSERT discussed_risks': 'answer code discussion_id question',
      'UPDATE discussed_risks': 'answer question',
      'INSERT discussions': 'aim interpreter language mode patient_id regions techniques',
      'INSERT licences': 'authority number practitioner_id profession valid',
      'INSERT legal_holds': 'patient_id reason',
      'INSERT patient_reports': 'kind patient_id words',
      'UPDATE patient_reports': 'retraction_reason',
      'UPDATE legal_holds': 'lift_reason',
      'UPDATE licences': 'revocation_reason',
      'INSERT manipulations': 'region response segment session_id side technique',
      'INSERT patients': 'birth_date email family_name given_name phone preferred_language record_number sex',
      'UPDATE patients': 'birth_date email family_name given_name phone preferred_language record_number sex',
      'INSERT questionnaires': 'content language',
      'INSERT representatives': 'authority name patient_id relationship valid',
      'UPDATE representatives': 'end_note end_reason',
      'INSERT screening_approvals': 'reason screening_id',
      'INSERT screenings': 'advice answers patient_id questionnaire_id',
      'INSERT sessions': 'consent_id licence_id nothing_changed patient_id screening_id still_consents',
      'UPDATE sessions': 'ended_at',
    });
  });

  it('has no right over a whole table but to read it', async () => {
    expect(
      await names(`
      SELECT DISTINCT privilege_type AS name FROM information_schema.table_privileges
       WHERE grantee IN ('assent_app', 'PUBLIC') AND table_schema IN ('app', 'auth', 'migrations')`),
    ).toEqual(['SELECT']);
    expect(
      await names(`
      SELECT table_schema || '.' || table_name AS name FROM information_schema.table_privileges
       WHERE grantee IN ('assent_app', 'PUBLIC') AND table_schema IN ('auth', 'migrations')`),
    ).toEqual([]);
  });

  it('calls these functions of ours and no others', async () => {
    expect(
      await names(`
      SELECT p.proname AS name FROM pg_proc p
       WHERE p.pronamespace = 'app'::regnamespace AND has_function_privilege('assent_app', p.oid, 'EXECUTE') ORDER BY 1`),
    ).toEqual([
      'actor',
      'approvable_regions',
      'archive_patient',
      'awaits_decision',
      'claim_request',
      'clearance',
      'clinic',
      'clinic_for',
      'consent_state',
      'create_key',
      'delete_expired_idempotency_keys',
      'end_login_sessions',
      'erasable_from',
      'erase_patient',
      'fold',
      'instant',
      'invite',
      'keys',
      'licence_state',
      'login_sessions',
      'patients_alike',
      'places',
      'regions',
      'renew_invitation',
      'required_risks',
      'restore_patient',
      'revoke_key',
      'screening_state',
      'screening_valid_until',
      'search_patients',
      'session_over',
      'sign_on',
      'sso_provider',
      'store_response',
      'techniques',
      'today',
      'touch',
      'undisclosed_risks',
      'undiscussed_risks',
      'utf8',
      'write_sso_provider',
    ]);
  });

  it('reads and calls nothing of the schema auth', async () => {
    expect(
      await names(`
      SELECT p.proname AS name FROM pg_proc p
       WHERE p.pronamespace = 'auth'::regnamespace AND has_function_privilege('assent_app', p.oid, 'EXECUTE')`),
    ).toEqual([]);
  });

  it('owns nothing, creates nothing, belongs to no other role and can’t bypass policies', async () => {
    expect(
      await rows(`
      SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication,
             has_database_privilege(rolname, current_database(), 'CREATE, TEMPORARY') AS creates,
             EXISTS (SELECT FROM pg_namespace n WHERE has_schema_privilege(r.oid, n.oid, 'CREATE')) AS "createsInSchema",
             EXISTS (SELECT FROM pg_auth_members m WHERE m.member = r.oid) AS "isMember",
             EXISTS (SELECT FROM pg_shdepend d WHERE d.refobjid = r.oid AND d.deptype = 'o') AS owns
        FROM pg_roles r WHERE rolname IN ('assent_app', 'assent_identity', 'assent_sealer')`),
    ).toEqual(
      Array.from({ length: 3 }, () => ({
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        creates: false,
        createsInSchema: false,
        isMember: false,
        owns: false,
      })),
    );
  });
});

describe('the role that identifies', () => {
  it('has rights in the schema auth and nowhere else', async () => {
    expect(
      await names(`
      SELECT table_schema || '.' || table_name AS name FROM information_schema.table_privileges
       WHERE grantee = 'assent_identity' AND table_schema NOT IN ('auth', 'pg_catalog', 'information_schema')`),
    ).toEqual([]);
    expect(
      await names(`
      SELECT p.oid::regprocedure::text AS name FROM pg_proc p
       WHERE p.pronamespace IN ('app'::regnamespace, 'auth'::regnamespace, 'extensions'::regnamespace)
         AND p.proowner = 'assent_owner'::regrole AND has_function_privilege('assent_identity', p.oid, 'EXECUTE') ORDER BY 1`),
    ).toEqual([
      'auth.accept_invitation(text,text,text)',
      'auth.admit_by_provider(uuid,text)',
      'auth.clinics_of(text)',
      'auth.may_change_account(text)',
      'auth.open_host_login(text,uuid,boolean,timestamp with time zone,text,text,text)',
      'auth.open_invitation(text)',
      'auth.record_access(text,text,text,uuid,text,text,jsonb,text)',
      'auth.record_sign_in(text,text,text,text)',
    ]);
  });

  it('writes no invitation, no provider and no event but by those functions', async () => {
    const writable = await names(`
      SELECT table_name || ' ' || string_agg(lower(privilege_type), ' ' ORDER BY privilege_type) AS name
        FROM information_schema.table_privileges
       WHERE grantee = 'assent_identity' AND table_schema = 'auth' GROUP BY table_name ORDER BY 1`);
    const all = 'delete insert select update';
    expect(writable).toEqual([
      `account ${all}`,
      `passkey ${all}`,
      `rate_limit ${all}`,
      `recovery_code ${all}`,
      `session ${all}`,
      'sso_provider select',
      `totp ${all}`,
      `user ${all}`,
      `verification ${all}`,
    ]);
  });
});

describe('the role that seals', () => {
  it('sees no value of an event, no record of a clinic, and adds to the log alone', async () => {
    expect(
      await names(`
      SELECT table_schema || '.' || table_name || ' ' || string_agg(DISTINCT lower(privilege_type), ' ' ORDER BY lower(privilege_type)) AS name
        FROM information_schema.column_privileges
       WHERE grantee = 'assent_sealer' AND table_schema NOT IN ('pg_catalog', 'information_schema') GROUP BY table_schema, table_name ORDER BY 1`),
    ).toEqual([
      'audit.anchorings insert select',
      'audit.checkpoints insert select',
      'audit.events select',
      'audit.findings insert',
      'audit.leaves insert select',
      'audit.log_state insert select update',
      'audit.tiles insert select update',
      'audit.unsealed select',
      'audit.verifications select update',
    ]);
    expect(
      await names(`
      SELECT table_name || ' ' || lower(privilege_type) AS name FROM information_schema.table_privileges
       WHERE grantee = 'assent_sealer' AND privilege_type IN ('DELETE', 'TRUNCATE')`),
    ).toEqual(['unsealed delete']);
    expect(
      await names(`
      SELECT column_name AS name FROM information_schema.columns c
       WHERE table_schema = 'audit' AND table_name = 'events'
         AND NOT has_column_privilege('assent_sealer', 'audit.events', column_name, 'SELECT') ORDER BY 1`),
    ).toEqual(['details', 'salt']);
    expect(
      await names(`
      SELECT p.oid::regprocedure::text AS name FROM pg_proc p
       WHERE p.pronamespace IN ('app'::regnamespace, 'auth'::regnamespace, 'audit'::regnamespace)
         AND has_function_privilege('assent_sealer', p.oid, 'EXECUTE')`),
    ).toEqual([]);
  });
});
