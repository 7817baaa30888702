import { randomUUID } from 'node:crypto';
import { newcomer, said, setUpTotp } from '../support/accounts.js';
import type { Answer, Caller } from '../support/api.js';
import { keyRequest } from '../support/machines.js';
import { CONFIRMED, makeClearedPatient, makeClinic, makeStaff, type Person, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };
const post = (api: Caller, path: string, body: object | undefined, key: string): Promise<Answer> =>
  api.call('POST', path, body, { 'idempotency-key': key });
const isReplayed = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';

async function count(table: string): Promise<number> {
  const [row] = await asSuperuser(server, `SELECT count(*)::int AS count FROM ${table} WHERE clinic_id = $1`, [clinic.id]);
  return Number(row?.['count']);
}

describe('the same request at once', () => {
  it('hears 409 and when to try again, and runs once the first has failed', async () => {
    const { practitioner } = clinic;
    const { patientId } = await makeClearedPatient(practitioner);
    const key = randomUUID();
    const start = () => post(practitioner.api, `/api/patients/${patientId}/sessions`, CONFIRMED, key);
    const events = await count('audit.events');
    await asApplication(server, practitioner.token, async (client) => {
      await client.query('SELECT FROM app.claim_request($1, $2)', [key, Buffer.alloc(32)]);
      const second = await start();
      expect([...said(second), second.headers.get('retry-after')]).toEqual([409, 'idempotency.in-flight', '1']);
      expect(second.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    });
    // The gate refused nothing.
    expect(await count('audit.events')).toBe(events);
    expect((await start()).status).toBe(201);
  });

  it('makes one record, however often it is tapped', async () => {
    const rounds = 15;
    const seen = new Set<string>();
    for (let round = 1; round <= rounds; round += 1) {
      const key = randomUUID();
      const answers = await Promise.all(Array.from({ length: 6 }, () => post(clinic.receptionist.api, '/api/patients', ROSA, key)));
      for (const answer of answers) seen.add(`${answer.status} ${answer.body.code ?? isReplayed(answer)}`);
      expect(answers.filter((answer) => answer.status === 201 && !isReplayed(answer))).toHaveLength(1);
      expect(new Set(answers.flatMap(({ body }) => body.id ?? [])).size).toBe(1);
    }
    expect(await count('app.patients')).toBe(rounds);
    expect([...seen].filter((one) => !['201 false', '201 true', '409 idempotency.in-flight'].includes(one))).toEqual([]);
    expect(seen).toContain('409 idempotency.in-flight');
  });

  it('keeps one answer where requests lost a race and ran again', async () => {
    const { practitioner } = clinic;
    for (let round = 0; round < 10; round += 1) {
      const { patientId } = await makeClearedPatient(practitioner);
      const before = await count('app.idempotency_keys');
      const start = (key: string) => post(practitioner.api, `/api/patients/${patientId}/sessions`, CONFIRMED, key);
      const keys = Array.from({ length: 4 }, () => randomUUID());
      const answers = await Promise.all(keys.map(start));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      expect(await count('app.idempotency_keys')).toBe(before + 1);
      const won = answers.findIndex(({ status }) => status === 201);
      expect((await start(keys[won] ?? '')).body).toEqual(answers[won]?.body);
    }
  });
});

describe('an answer that shows a secret once', () => {
  type Way = [
    what: string,
    prepare: (by: Person) => Promise<{ by?: Person; path: string; body?: object }>,
    secretsIn: (body: Answer['body']) => string[],
  ];
  const ways: Way[] = [
    ['an API key', () => Promise.resolve({ path: '/api/api-keys', body: keyRequest() }), ({ key }) => [key]],
    ['an invitation', () => Promise.resolve({ path: '/api/staff', body: newcomer() }), ({ link }) => [link, link.split('#')[1]]],
    [
      'a new link',
      async () => ({ path: `/api/staff/${(await makeStaff(server, clinic)).id}/invitation` }),
      ({ link }) => [link, link.split('#')[1]],
    ],
    [
      'recovery codes',
      async (by) => ({ by: await setUpTotp(server, by), path: '/api/me/recovery-codes' }),
      ({ recoveryCodes }) => recoveryCodes,
    ],
  ];

  it.each(ways)('isn’t kept, and a repetition makes no second one: %s', async (_, prepare, secretsIn) => {
    const { by = clinic.administrator, path, body } = await prepare(clinic.administrator);
    const { api } = by;
    const key = randomUUID();
    const first = await post(api, path, body, key);
    expect(first.status).toBe(201);
    const [events, people] = [await count('audit.events'), await count('app.staff')];
    const again = await post(api, path, body, key);
    expect(said(again)).toEqual([409, 'idempotency.shown-once']);
    expect(again.body.detail).toMatch(/create a new one with a new Idempotency-Key/);
    expect([await count('audit.events'), await count('app.staff')]).toEqual([events, people]);

    const secrets = secretsIn(first.body);
    expect(secrets.length).toBeGreaterThan(0);
    const rows = JSON.stringify(await asSuperuser(server, 'SELECT * FROM app.idempotency_keys WHERE clinic_id = $1', [clinic.id]));
    expect(rows).toContain(key);
    expect(secrets.filter((secret) => typeof secret !== 'string' || rows.includes(secret))).toEqual([]);
    expect((await post(api, path, body, randomUUID())).status).toBe(path === '/api/staff' ? 409 : 201);
  });
});
