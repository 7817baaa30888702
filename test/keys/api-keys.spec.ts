import { createHash } from 'node:crypto';
import { ageAuthentication, said } from '../support/accounts.js';
import { inDays, keyRequest, type Machine, makeMachine } from '../support/machines.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';

const list = async ({ administrator }: TestClinic) =>
  (await administrator.api.get('/api/api-keys')).body.items as Record<string, unknown>[];
const revoke = ({ administrator }: TestClinic, id: string) => administrator.api.delete(`/api/api-keys/${id}`);

/** Everything that the record of access holds of a key's uses. */
async function usesOf({ administrator }: TestClinic, { id }: Machine): Promise<object[]> {
  return (await administrator.api.get(`/api/audit/events?staffId=${id}&action=key.use`)).body.items as object[];
}

describe('POST /api/api-keys', () => {
  it('shows the key once, and keeps its hash', async () => {
    const answer = await clinic.administrator.api.post('/api/api-keys', keyRequest());
    expect([answer.status, answer.body]).toEqual([201, { id: expect.any(String), key: expect.stringMatching(/^assent_key_[\w-]{43}$/) }]);
    const { id, key } = answer.body as { id: string; key: string };
    expect(JSON.stringify(await list(clinic))).not.toContain(key);
    const rows = await asSuperuser(server, 'SELECT token, to_jsonb(session)::text AS row FROM auth.session WHERE staff_id = $1', [id]);
    expect(rows).toEqual([{ token: createHash('sha256').update(key).digest('hex'), row: expect.not.stringContaining(key) }]);
    const events = await asSuperuser(server, `SELECT details FROM audit.events WHERE action = 'key.create'`);
    expect(JSON.stringify(events)).not.toContain(key);
  });

  it.each([
    ['practitioner', undefined, 422],
    ['practitioner', 'chiropractor', 201],
    ['receptionist', 'chiropractor', 422],
    ['administrator', 'chiropractor', 422],
    ['administrator', null, 201],
  ])('answers to the role %s with the profession %s with %i', async (role, profession, status) => {
    const answer = await clinic.administrator.api.post('/api/api-keys', keyRequest({ role, profession }));
    expect(said(answer)).toEqual([status, status === 422 ? 'staff.profession' : undefined]);
  });

  it.each([
    ['yesterday', inDays(-1)],
    ['now', new Date().toISOString()],
    ['in 367 days', inDays(367)],
    ['in ten years', inDays(3650)],
  ])('refuses an expiry %s', async (_, expiresAt) => {
    expect(said(await clinic.administrator.api.post('/api/api-keys', keyRequest({ expiresAt })))).toEqual([422, 'key.expiry']);
  });

  it('takes a last day, which ends at midnight in the clinic', async () => {
    const own = await makeClinic(server, { timeZone: 'Pacific/Auckland' });
    const lastDay = inDays(100).slice(0, 10);
    const { id } = await makeMachine(own, { expiresAt: lastDay });
    const key = (await list(own)).find((one) => one['id'] === id);
    const end = new Date(Date.parse(key?.['expiresAt'] as string) - 1);
    const there = new Intl.DateTimeFormat('en-CA', {
      timeZone: 'Pacific/Auckland',
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
    });
    expect(there.format(end)).toBe(`${lastDay}, 23:59:59`);
  });

  it('takes an expiry within a year, with any offset', async () => {
    const expiresAt = `${inDays(100).slice(0, 10)}T10:00:00+05:30`;
    const { id } = await makeMachine(clinic, { expiresAt });
    const key = (await list(clinic)).find((one) => one['id'] === id);
    expect(Date.parse(key?.['expiresAt'] as string)).toBe(Date.parse(expiresAt));
    await makeMachine(clinic, { expiresAt: inDays(365) });
  });

  it.each([
    ['label', undefined],
    ['label', ''],
    ['label', 'x'.repeat(201)],
    ['label', 'two\nlines'],
    ['role', undefined],
    ['role', 'owner'],
    ['profession', 'barber'],
    ['expiresAt', undefined],
    ['expiresAt', null],
    ['expiresAt', 'infinity'],
    ['expiresAt', '2027-02-30'],
    ['expiresAt', '2027-01-01T10:00:00'],
    ['expiresAt', '2027-02-30T10:00:00Z'],
    ['expiresAt', '2027-01-01T25:00:00Z'],
    ['expiresAt', '2027-W01-1T10:00:00Z'],
    ['expiresAt', '2027-010T10:00:00Z'],
    ['expiresAt', '2027-01-01T10:00:00+15:99'],
    ['expiresAt', 1_893_456_000],
    ['key', 'assent_key_of_my_own_choice'],
    ['clinicId', UNKNOWN],
  ])('refuses %s %j', async (field, value) => {
    const { status, body } = await clinic.administrator.api.post('/api/api-keys', keyRequest({ [field]: value }));
    expect([status, body.errors?.map((error: { field: string }) => error.field)]).toEqual([400, [field]]);
  });

  it('is for administrators only, who authenticated a short while ago', async () => {
    for (const { api } of [clinic.practitioner, clinic.receptionist]) {
      expect(said(await api.post('/api/api-keys', keyRequest()))).toEqual([403, 'forbidden']);
      expect(said(await api.get('/api/api-keys'))).toEqual([403, 'forbidden']);
    }
    const own = await makeClinic(server);
    const { id } = await makeMachine(own);
    await ageAuthentication(server, own.administrator, 16);
    expect(said(await own.administrator.api.post('/api/api-keys', keyRequest()))).toEqual([403, 'reauthentication-required']);
    expect(said(await revoke(own, id))).toEqual([403, 'reauthentication-required']);
    expect(await list(own)).toHaveLength(1);
  });
});

describe('GET /api/api-keys', () => {
  it('lists the keys that aren’t revoked, the newest first, without the keys', async () => {
    const own = await makeClinic(server);
    const first = await makeMachine(own, { label: 'First', expiresAt: inDays(1) });
    const gone = await makeMachine(own, { label: 'Gone' });
    const last = await makeMachine(own, { label: 'Last', role: 'practitioner', profession: 'chiropractor' });
    await revoke(own, gone.id);
    expect(await list(own)).toEqual([
      expect.objectContaining({ id: last.id, label: 'Last', role: 'practitioner', profession: 'chiropractor', lastUsedAt: null }),
      {
        id: first.id,
        label: 'First',
        role: 'receptionist',
        profession: null,
        createdAt: expect.any(String),
        expiresAt: expect.any(String),
        lastUsedAt: null,
      },
    ]);
  });

  it('says when a key was last used, to the minute, and the record has a use for each such minute', async () => {
    const own = await makeClinic(server);
    const machine = await makeMachine(own);
    const lastUse = async () => Date.parse(((await list(own))[0]?.['lastUsedAt'] as string | null) ?? '');
    await machine.get('/api/me');
    const first = await lastUse();
    expect(Math.abs(Date.now() - first)).toBeLessThan(60_000);
    await machine.get('/api/me');
    expect(await lastUse()).toBe(first);
    expect(await usesOf(own, machine)).toEqual([
      expect.objectContaining({ staffId: machine.id, outcome: 'success', address: expect.stringMatching(/127\.0\.0\.1|::1/) }),
    ]);
    await asSuperuser(server, `UPDATE auth.session SET last_seen_at = last_seen_at - interval '61 seconds' WHERE staff_id = $1`, [
      machine.id,
    ]);
    await Promise.all(Array.from({ length: 4 }, () => machine.get('/api/me')));
    expect(await usesOf(own, machine)).toHaveLength(2);
    expect(await lastUse()).toBeGreaterThanOrEqual(first);
  });

  it('records what a key was refused', async () => {
    const own = await makeClinic(server);
    const machine = await makeMachine(own, { role: 'administrator' });
    await machine.post('/api/api-keys', keyRequest());
    const { body } = await own.administrator.api.get(`/api/audit/events?staffId=${machine.id}&action=denial`);
    expect(body.items).toMatchObject([{ outcome: 'failure', details: { permission: 'key.manage', code: 'not-for-machines' } }]);
  });
});

describe('DELETE /api/api-keys/{id}', () => {
  it('refuses the key’s next request, and is recorded', async () => {
    const own = await makeClinic(server);
    const machine = await makeMachine(own);
    expect((await machine.get('/api/me')).status).toBe(200);
    expect((await revoke(own, machine.id)).status).toBe(204);
    expect(said(await machine.get('/api/me'))).toEqual([401, 'not-signed-in']);
    const { body } = await own.administrator.api.get('/api/audit/events');
    const events = (body.items as { action: string; staffId: string; details: object }[]).filter(({ action }) => action.startsWith('key.'));
    expect(events.map(({ action }) => action)).toEqual(['key.revoke', 'key.use', 'key.create']);
    expect(events[0]).toMatchObject({ staffId: own.administrator.id, details: { keyId: machine.id } });
  });

  it('happens once', async () => {
    const machine = await makeMachine(clinic);
    const answers = await Promise.all(Array.from({ length: 4 }, () => revoke(clinic, machine.id)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404, 404]);
  });

  it('knows no key of another clinic, and no person', async () => {
    const other = await makeClinic(server);
    const machine = await makeMachine(other);
    for (const id of [machine.id, clinic.receptionist.id, other.receptionist.id, UNKNOWN]) {
      expect(said(await revoke(clinic, id))).toEqual([404, 'not-found']);
    }
    expect((await machine.get('/api/me')).status).toBe(200);
    expect((await clinic.receptionist.api.get('/api/me')).status).toBe(200);
    expect(JSON.stringify(await list(clinic))).not.toContain(machine.id);
  });

  it('is for good: raw SQL brings no key back', async () => {
    const machine = await makeMachine(clinic);
    await revoke(clinic, machine.id);
    const back = asApplication(server, clinic.administrator.token, (client) =>
      client.query('UPDATE app.staff SET active = tstzrange(now(), NULL) WHERE id = $1', [machine.id]),
    );
    expect(await refusal(back)).toBe('staff_begins_by_invitation');
  });
});
