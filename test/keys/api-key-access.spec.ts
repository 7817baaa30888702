import { readFileSync } from 'node:fs';
import { invite, said } from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { keyRequest, type Machine, makeMachine } from '../support/machines.js';
import {
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeScreening,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';

describe('a key', () => {
  it('says who it is, in its clinic and role', async () => {
    const machine = await makeMachine(clinic, { label: 'Kiosk', role: 'practitioner', profession: 'chiropractor' });
    const { status, body } = await machine.get('/api/me');
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({ id: machine.id, name: 'Kiosk', email: '', role: 'practitioner', profession: 'chiropractor' }),
    ]);
    expect(body.clinic.id).toBe(clinic.id);
  });

  it('may what its role may, and nothing else', async () => {
    const receptionist = await makeMachine(clinic);
    const created = await receptionist.post('/api/patients', { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' });
    expect(created.status).toBe(201);
    expect((await clinic.receptionist.api.get(`/api/patients/${created.body.id}`)).status).toBe(200);
    expect(said(await receptionist.get(`/api/patients/${created.body.id}/screenings`))).toEqual([403, 'forbidden']);
    const practitioner = await makeMachine(clinic, { role: 'practitioner', profession: 'chiropractor' });
    expect((await practitioner.get(`/api/patients/${created.body.id}/screenings`)).status).toBe(200);
    expect(said(await practitioner.get('/api/staff'))).toEqual([403, 'forbidden']);
    const administrator = await makeMachine(clinic, { role: 'administrator' });
    expect((await administrator.get('/api/staff')).status).toBe(200);
    expect((await administrator.get('/api/audit/events')).status).toBe(200);
  });

  it('sees nothing of another clinic', async () => {
    const other = await makeClinic(server);
    const patientId = await makePatient(other.receptionist);
    const machine = await makeMachine(clinic, { role: 'administrator' });
    expect(said(await machine.get(`/api/patients/${patientId}`))).toEqual([404, 'not-found']);
    expect((await machine.get('/api/staff')).body.items).not.toContainEqual(expect.objectContaining({ id: other.practitioner.id }));
  });

  it('neither signs nor administers, though its role would', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const practitioner = await makeMachine(clinic, { role: 'practitioner', profession: 'chiropractor' });
    const administrator = await makeMachine(clinic, { role: 'administrator' });
    for (const answer of [
      await practitioner.post(`/api/discussions/${discussionId}/consent`, { decision: 'given' }),
      await administrator.post('/api/staff', { name: 'Eve', email: 'eve@clinic.example', role: 'administrator' }),
      await administrator.patch(`/api/staff/${clinic.receptionist.id}`, { role: 'administrator' }),
      await administrator.post(`/api/staff/${clinic.receptionist.id}/invitation`),
      await administrator.post(`/api/staff/${clinic.receptionist.id}/deactivation`),
      await administrator.post(`/api/staff/${clinic.practitioner.id}/licences`, {}),
      await administrator.patch('/api/clinic/policy', { idleMinutes: 60 }),
      await administrator.put('/api/clinic/sso', {}),
      await administrator.delete('/api/clinic/sso'),
      await administrator.post('/api/api-keys', keyRequest()),
      await administrator.delete(`/api/api-keys/${practitioner.id}`),
    ]) {
      expect(said(answer)).toEqual([403, 'not-for-machines']);
    }
    expect((await practitioner.get('/api/me')).status).toBe(200);
  });

  it('passes on a withdrawal, where its role may: that ends treatment, and begins none', async () => {
    const body = { reason: 'Said at the kiosk.', withdrawnBy: { kind: 'patient' } };
    const receptionist = await makeMachine(clinic);
    for (const values of [{ role: 'practitioner', profession: 'chiropractor' }, { role: 'administrator' }]) {
      const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
      const machine = await makeMachine(clinic, values);
      expect(said(await receptionist.post(`/api/consents/${consentId}/withdrawal`, body))).toEqual([403, 'forbidden']);
      expect(await machine.post(`/api/consents/${consentId}/withdrawal`, body)).toMatchObject({
        status: 200,
        body: { state: 'withdrawn', withdrawal: { ...body, recordedBy: machine.id } },
      });
      expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body.allowed).toBe(false);
    }
  });

  it('neither signs nor administers by raw SQL', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const practitioner = await makeMachine(clinic, { role: 'practitioner', profession: 'chiropractor' });
    const administrator = await makeMachine(clinic, { role: 'administrator' });
    const attempt = (machine: Machine, sql: string, values: unknown[]) =>
      asApplication(server, machine.key, async (client) => (await client.query(sql, values)).rowCount);
    const hash = 'a'.repeat(64);
    for (const [sql, values] of [
      ['SELECT app.invite($1, $2, $3, NULL, $4, false)', ['Eve', 'eve@clinic.example', 'administrator', hash]],
      ['SELECT app.create_key($1, $2, NULL, now() + $3::interval, $4)', ['Eve', 'administrator', '1 day', hash]],
      ['SELECT app.write_sso_provider($1, $2, $3, $4)', ['Eve', 'https://eve.example', 'eve', 'x']],
    ] as const) {
      expect([sql, await refusal(attempt(administrator, sql, [...values]))]).toEqual([sql, PRIVILEGE]);
    }
    // Where a policy shows no row there is nothing to change.
    expect(
      await attempt(administrator, `UPDATE app.staff SET role = 'administrator', profession = NULL WHERE id = $1`, [administrator.id]),
    ).toBe(0);
    expect(await attempt(administrator, 'UPDATE app.clinics SET idle_minutes = 60 WHERE id = $1', [clinic.id])).toBe(0);
    expect(await attempt(administrator, 'SELECT FROM app.renew_invitation($1, $2, false)', [clinic.receptionist.id, hash])).toBe(0);
    const revoked = await asApplication(server, administrator.key, (client) =>
      client.query('SELECT app.revoke_key($1) AS revoked', [practitioner.id]),
    );
    expect(revoked.rows).toEqual([{ revoked: false }]);
    const decided = `INSERT INTO app.consents (discussion_id, decision, decided_by) VALUES ($1, 'refused', 'patient')`;
    expect(await refusal(attempt(practitioner, decided, [discussionId]))).toBe(PRIVILEGE);
  });

  const { paths } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, { requestBody?: object }>>;
  };
  const accountRoutes = Object.entries(paths)
    .filter(([path]) => /^\/api\/(me\/|auth\/(session|verify|clinic))/.test(path))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { requestBody }]) => [method.toUpperCase(), path, requestBody] as const),
    );

  it.each(accountRoutes)('has no account: %s %s', async (method, path, body) => {
    const machine = await makeMachine(clinic, { role: 'administrator' });
    const answer = await machine.call(method, path.replace(/\{\w+\}/, UNKNOWN), body && {});
    expect(said(answer)).toEqual([403, expect.stringMatching(/^(forbidden|not-for-machines)$/)]);
  });

  it('has no account in raw SQL either', async () => {
    const machine = await makeMachine(clinic, { role: 'administrator' });
    const ask = (sql: string) => asApplication(server, machine.key, async (client) => (await client.query(sql)).rows as unknown[]);
    expect(await ask(`SELECT app.clinic_for('account.read') AS read, app.clinic_for('account.manage') AS manage`)).toEqual([
      { read: null, manage: null },
    ]);
    expect(await ask('SELECT * FROM app.places()')).toEqual([]);
    expect(await ask('SELECT app.end_login_sessions(NULL, NULL) AS ended')).toEqual([{ ended: 0 }]);
  });

  it('accepts no invitation, and isn’t ended by signing out', async () => {
    const machine = await makeMachine(clinic);
    expect((await machine.post('/api/auth/sign-out')).status).toBe(204);
    const { token } = await invite(clinic);
    expect((await machine.post('/api/auth/invitations/accept', { token })).status).toBe(400);
    expect((await machine.get('/api/me')).status).toBe(200);
  });

  it('neither idles nor ends with a session’s hours', async () => {
    const machine = await makeMachine(clinic);
    await asSuperuser(
      server,
      `UPDATE auth.session SET started_at = now() - interval '9 days', last_seen_at = now() - interval '9 days' WHERE staff_id = $1`,
      [machine.id],
    );
    expect((await machine.get('/api/me')).status).toBe(200);
  });

  it('ends when it expires', async () => {
    const machine = await makeMachine(clinic);
    await asSuperuser(server, `UPDATE auth.session SET "expiresAt" = clock_timestamp() - interval '1 second' WHERE staff_id = $1`, [
      machine.id,
    ]);
    expect(said(await machine.get('/api/me'))).toEqual([401, 'not-signed-in']);
  });
});

describe('the header', () => {
  /** Asks with a header, from a browser in which somebody is signed in. */
  const ask = (by: Person, authorization: string) => by.api.call('GET', '/api/me', undefined, { authorization });

  it('counts, and not the cookie beside it', async () => {
    const machine = await makeMachine(clinic);
    expect((await ask(clinic.administrator, `Bearer ${machine.key}`)).body).toMatchObject({ id: machine.id });
  });

  it('is read as RFC 9110 has it: the scheme in any case', async () => {
    const { key, id } = await makeMachine(clinic);
    for (const scheme of ['bearer', 'BEARER']) expect((await ask(clinic.administrator, `${scheme} ${key}`)).body).toMatchObject({ id });
  });

  it.each([
    ['nothing', () => ''],
    ['a scheme alone', () => 'Bearer'],
    ['another scheme', (key: string) => `Basic ${key}`],
    ['basic credentials', (key: string) => `Basic ${Buffer.from(`key:${key}`).toString('base64')}`],
    ['no scheme', (key: string) => key],
    ['two spaces', (key: string) => `Bearer  ${key}`],
    ['a tab', (key: string) => `Bearer\t${key}`],
    ['two keys', (key: string) => `Bearer ${key}, Bearer ${key}`],
    ['something behind it', (key: string) => `Bearer ${key} x`],
    ['a parameter', (key: string) => `Bearer ${key}; x=1`],
    ['the key in capitals', (key: string) => `Bearer ${key.toUpperCase()}`],
    ['the key without its prefix', (key: string) => `Bearer ${key.replace('assent_key_', '')}`],
    ['a key that isn’t there', (key: string) => `Bearer ${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`],
    ['a key and more', (key: string) => `Bearer ${key}${'x'.repeat(200)}`],
  ])('with %s is refused, and the cookie doesn’t help', async (_, header) => {
    const { key } = await makeMachine(clinic);
    expect(said(await ask(clinic.administrator, header(key)))).toEqual([401, 'not-signed-in']);
  });

  it('doesn’t take a login session’s token', async () => {
    for (const header of [`Bearer ${clinic.administrator.token}`, `Bearer assent_key_${clinic.administrator.token}`]) {
      expect(said(await ask(clinic.administrator, header))).toEqual([401, 'not-signed-in']);
    }
  });

  it('is the only place for a key: the cookie doesn’t take one', async () => {
    const { key } = await makeMachine(clinic);
    expect(said(await new Caller(server.url, key).get('/api/me'))).toEqual([401, 'not-signed-in']);
  });
});
