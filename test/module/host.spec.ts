import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Answer, Caller } from '../support/api.js';
import { createDatabase, type TestDatabase, withClient } from '../support/database.js';
import { type Host, installHost, type RunningHost, startHost } from '../support/host.js';
import { CONFIRMED, makeClearedPatient, makeClinic, makePatient, PASSWORD, type Person, type TestClinic } from '../support/make.js';

/** Somebody signed in to the example, by their badge. It has Assent below /care, and the tests' factories ask below /api. */
class BadgeCaller extends Caller {
  constructor(
    url: string,
    readonly badge: string,
  ) {
    super(url);
  }

  override send(method: string, path: string, body: string | undefined, headers: Record<string, string>): Promise<Answer> {
    return super.send(method, path.replace(/^\/api\//, '/care/'), body, { 'x-badge': this.badge, ...headers });
  }
}

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };
const ELSEWHERE = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
const JSON_TYPE = { 'content-type': 'application/json' };

let host: Host;
let database: TestDatabase;
let running: RunningHost;
let anyone: Caller;
let clinic: TestClinic;
let practitioner: Person;
beforeAll(async () => {
  database = await createDatabase();
  host = await installHost();
  // Signed in by nobody but the example's badges.
  clinic = await makeClinic({ url: '', database, stop: async () => undefined });
  const badges = { 'ada 1111': clinic.administrator.id, 'ben 2222': clinic.practitioner.id, 'dana 3333': clinic.receptionist.id };
  running = await startHost(host, database, { BADGES: JSON.stringify(badges) });
  anyone = new Caller(running.url);
  practitioner = { ...clinic.practitioner, api: await withBadge('ben', '2222') };
});
afterAll(async () => {
  await running?.stop();
  await host?.remove();
  await database?.drop();
});

async function withBadge(badge: string, pin: string): Promise<BadgeCaller> {
  const { body } = await anyone.post('/badge', { badge, pin });
  return new BadgeCaller(running.url, body['x-badge']);
}

describe('the package', () => {
  it('has the module, its declarations and its SQL, and nothing of the checkout', () => {
    expect(host.files).toEqual(
      expect.arrayContaining([
        'dist/index.js',
        'dist/index.d.ts',
        'dist/patients/patients.sql',
        'scripts/assent.mjs',
        'package.json',
        'LICENSE',
      ]),
    );
    expect(host.files).toEqual(
      expect.arrayContaining([expect.stringMatching(/^migrations\/0001-.*\.sql$/), 'content/questionnaire.en.json']),
    );
    expect(host.files.filter((file) => !/^(dist|migrations|content)\/|^scripts\/assent\.mjs$|^[^/]+$/.test(file))).toEqual([]);
  });

  it('shows one door', async () => {
    const { exports } = JSON.parse(await readFile(join(host.folder, 'node_modules', 'assent', 'package.json'), 'utf8')) as {
      exports: object;
    };
    expect(Object.keys(exports)).toEqual(['.']);
    const index = (await import(pathToFileURL(join(host.folder, 'node_modules', 'assent', 'dist', 'index.js')).href)) as object;
    expect(Object.keys(index).sort()).toEqual(['AssentModule', 'HostLogins', 'migrate']);
  });
});

describe('a route of the application that imports Assent', () => {
  it('answers anybody, with no header of Assent’s', async () => {
    const { status, body, headers } = await anyone.get('/hours');
    expect({ status, body }).toEqual({ status: 200, body: { monday: { from: '08:00', until: '18:00' } } });
    expect(['x-request-id', 'content-security-policy', 'cache-control'].map((name) => headers.get(name))).toEqual([null, null, null]);
  });

  it('keeps its errors and its checks of input', async () => {
    const answers = [
      await anyone.get('/hours/sunday'),
      await anyone.put('/hours/monday', { from: 'early', until: '18:00' }),
      await anyone.call('DELETE', '/hours/monday'),
      await anyone.get('/care/nowhere'),
    ];
    expect(answers.map(({ status, body }) => [status, body])).toEqual([404, 400, 404, 404].map((sorry) => [sorry, { sorry }]));
    // Of Assent's own server, and described for that.
    const health = await fetch(new URL('/health/ready', running.url));
    expect([health.status, await health.json()]).toEqual([404, { sorry: 404 }]);
  });

  it('takes what Assent refuses: another site’s request, a form, a field that nobody knows', async () => {
    const hours = { from: '09:00', until: '17:00', note: 'x'.repeat(600_000) };
    const json = await anyone.call('PUT', '/hours/tuesday', hours, ELSEWHERE);
    const form = await anyone.send('PUT', '/hours/friday', 'from=09:00&until=17:00', {
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect([json.status, form.status]).toEqual([200, 200]);
  });

  it('leaves no event in the audit trail', async () => {
    const count = () =>
      withClient(database.owner, async (client) => (await client.query<{ count: string }>('SELECT count(*) FROM audit.events')).rows[0]);
    const before = await count();
    await practitioner.api.get('/hours');
    await practitioner.api.get('/hours/sunday');
    expect(await count()).toEqual(before);
    await practitioner.api.get(`/api/patients/${await makePatient(practitioner)}`);
    expect(await count()).not.toEqual(before);
  });
});

describe('a route of Assent’s in another application', () => {
  it('wants a login', async () => {
    const { status, body, headers } = await anyone.get('/care/patients');
    expect({ status, code: body.code }).toEqual({ status: 401, code: 'not-signed-in' });
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each([
    ['a field that isn’t right', { ...ROSA, birthDate: 'long ago' }, 'birthDate'],
    ['a field that nobody knows', { ...ROSA, shoeSize: 38 }, 'shoeSize'],
  ])('refuses %s, and names it', async (_, body, field) => {
    const answer = await practitioner.api.post('/api/patients', body);
    expect([answer.status, answer.body.code, answer.body.errors[0].field]).toEqual([400, 'malformed', field]);
  });

  it.each([
    ['another site’s request', 'POST', JSON.stringify(ROSA), { ...JSON_TYPE, ...ELSEWHERE }, 403, 'forged-origin'],
    ['a form', 'POST', 'givenName=Rosa', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['text', 'POST', 'Rosa', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['a body that is too large', 'POST', `"${'x'.repeat(600_000)}"`, JSON_TYPE, 413, 'payload-too-large'],
    ['half of a body', 'POST', '{', JSON_TYPE, 400, 'malformed'],
    ['another method', 'DELETE', undefined, {}, 405, 'method-not-allowed'],
  ] as const)('refuses %s', async (_, method, body, headers, status, code) => {
    const answer = await practitioner.api.send(method, '/api/patients', body, headers);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is done once with one Idempotency-Key, and refuses the same one with another body', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await practitioner.api.call('POST', '/api/patients', ROSA, headers);
    const again = await practitioner.api.call('POST', '/api/patients', ROSA, headers);
    const other = await practitioner.api.call('POST', '/api/patients', { ...ROSA, givenName: 'Rosalía' }, headers);
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency.other-request']);
  });

  it('starts no session without screening, consent and licence, and starts one with them', async () => {
    const refused = await practitioner.api.post(`/api/patients/${await makePatient(practitioner)}/sessions`, CONFIRMED);
    expect([refused.status, refused.body.code]).toEqual([409, 'session.refused']);
    expect(refused.body.blockers.length).toBeGreaterThan(0);
    const { patientId } = await makeClearedPatient(practitioner);
    expect((await practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).status).toBe(201);
  });
});

describe('a user of the application, signed in there', () => {
  const events = async (staffId: string): Promise<string[]> =>
    withClient(database.owner, async (client) => {
      const { rows } = await client.query<{ event: string }>(
        `SELECT concat_ws(' ', action, details::jsonb ->> 'methods') AS event FROM audit.events WHERE staff_id = $1 AND action IN ('sign-in', 'sign-out') ORDER BY id`,
        [staffId],
      );
      return rows.map(({ event }) => event);
    });

  it('is the member of staff whom the application names, with one login however many requests ask at once', async () => {
    const dana = await withBadge('dana', '3333');
    const answers = await Promise.all(Array.from({ length: 8 }, () => dana.get('/care/auth/session')));
    expect(answers.map(({ status, body }) => [status, body.state, body.me.id])).toEqual(
      Array.from({ length: 8 }, () => [200, 'full', clinic.receptionist.id]),
    );
    expect(answers.map(({ headers }) => headers.getSetCookie())).toEqual(Array.from({ length: 8 }, () => []));
    expect(await events(clinic.receptionist.id)).toEqual(['sign-in ["provider_mfa"]']);
  });

  it('may do what the role may, and no more', async () => {
    const dana = await withBadge('dana', '3333');
    const refused = await dana.get('/care/audit/events');
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect((await (await withBadge('ada', '1111')).get('/care/audit/events')).status).toBe(200);
  });

  it('is signed out of Assent with the application, for good', async () => {
    const ada = await withBadge('ada', '1111');
    expect((await ada.get('/care/auth/session')).status).toBe(200);
    expect((await ada.call('DELETE', '/badge')).status).toBe(204);
    const after = await ada.get('/care/patients');
    expect([after.status, after.body.code]).toEqual([401, 'not-signed-in']);
    expect((await events(clinic.administrator.id)).at(-1)).toMatch(/^sign-out/);
  });

  it('whose login an administrator has ended must sign in there again', async () => {
    const dana = await withBadge('dana', '3333');
    const ada = await withBadge('ada', '1111');
    expect((await dana.get('/care/patients')).status).toBe(200);
    expect((await ada.delete(`/care/staff/${clinic.receptionist.id}/sessions`)).status).toBeLessThan(300);
    expect((await dana.get('/care/patients')).status).toBe(401);
    expect((await (await withBadge('dana', '3333')).get('/care/patients')).status).toBe(200);
  });

  it('doesn’t sign in with Assent', async () => {
    const email = await withClient(database.owner, async (client) => {
      const { rows } = await client.query<{ email: string }>('SELECT email FROM app.staff WHERE id = $1', [clinic.administrator.id]);
      return rows[0]?.email;
    });
    const answer = await anyone.post('/care/auth/sign-in', { email, password: PASSWORD });
    expect([answer.status, answer.body.code]).toEqual([403, 'sign-in.elsewhere']);
  });
});
