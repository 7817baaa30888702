import { randomUUID } from 'node:crypto';
import { ageAuthentication, said } from '../support/accounts.js';
import type { Answer } from '../support/api.js';
import { makeMachine } from '../support/machines.js';
import {
  CONFIRMED,
  GIVEN,
  makeAnswers,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeStaff,
  type Person,
  PROPOSAL,
  signIn,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

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

interface Request {
  readonly method?: string;
  readonly path: string;
  readonly body?: object | undefined;
  readonly headers?: Record<string, string>;
}
const send = ({ api }: Pick<Person, 'api'>, key: string, { method = 'POST', path, body, headers }: Request): Promise<Answer> =>
  api.call(method, path, body, { 'idempotency-key': key, ...headers });
const register = (by: Pick<Person, 'api'>, key: string, values: object = {}): Promise<Answer> =>
  send(by, key, { path: '/api/patients', body: { ...ROSA, ...values } });

const isReplayed = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';

async function count(table: string): Promise<number> {
  const [row] = await asSuperuser(server, `SELECT count(*)::int AS count FROM ${table} WHERE clinic_id = $1`, [clinic.id]);
  return Number(row?.['count']);
}

describe('a request that is repeated with its Idempotency-Key', () => {
  it('gets the first answer again, and makes one record', async () => {
    const key = randomUUID();
    const first = await register(clinic.receptionist, key);
    const again = await register(clinic.receptionist, key);
    expect([first.status, isReplayed(first)]).toEqual([201, false]);
    expect([again.status, isReplayed(again), again.body]).toEqual([201, true, first.body]);
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(await count('app.patients')).toBe(1);
  });

  it('leaves one event, at each step of the flow', async () => {
    const { practitioner } = clinic;
    const both = async (request: Request): Promise<Answer> => {
      const key = randomUUID();
      const first = await send(practitioner, key, request);
      const events = await count('audit.events');
      const again = await send(practitioner, key, request);
      expect([200, 201]).toContain(first.status);
      expect([again.status, isReplayed(again), again.body]).toEqual([first.status, true, first.body]);
      expect(await count('audit.events')).toBe(events);
      return first;
    };
    const patient = `/api/patients/${(await both({ path: '/api/patients', body: ROSA })).body.id}`;
    await both({ path: `${patient}/screenings`, body: await makeAnswers(practitioner) });
    const discussion = (await both({ path: `${patient}/discussions`, body: PROPOSAL })).body;
    for (const { code } of discussion.risks) await both({ method: 'PUT', path: `/api/discussions/${discussion.id}/risks/${code}` });
    const consent = await both({ path: `/api/discussions/${discussion.id}/consent`, body: GIVEN });
    const session = await both({ path: `${patient}/sessions`, body: CONFIRMED });
    const manipulation = { region: 'lumbar', segment: 'L5', technique: 'mobilisation' };
    await both({ path: `/api/sessions/${session.body.id}/manipulations`, body: manipulation });
    await both({ path: `/api/sessions/${session.body.id}/end` });
    await both({ path: `/api/consents/${consent.body.id}/withdrawal`, body: { reason: 'no more', withdrawnBy: { kind: 'patient' } } });
    expect([await count('app.sessions'), await count('app.manipulations'), await count('app.consents')]).toEqual([1, 1, 1]);
  });

  it('gets the ETag again, where it would hear that somebody else was faster', async () => {
    const patientId = await makePatient(clinic.receptionist);
    const correction = {
      method: 'PATCH',
      path: `/api/patients/${patientId}`,
      body: { phone: '+44 20 7946 0001' },
      headers: { 'if-match': '"1"' },
    };
    const key = randomUUID();
    const answers = [await send(clinic.receptionist, key, correction), await send(clinic.receptionist, key, correction)];
    expect(answers.map(({ status, headers }) => [status, headers.get('etag')])).toEqual([
      [200, '"2"'],
      [200, '"2"'],
    ]);
    expect((await send(clinic.receptionist, randomUUID(), correction)).status).toBe(412);
  });

  it('gets an answer without a body again', async () => {
    const { id } = await makeMachine(clinic);
    const key = randomUUID();
    const revocation = { method: 'DELETE', path: `/api/api-keys/${id}` };
    const first = await send(clinic.administrator, key, revocation);
    const again = await send(clinic.administrator, key, revocation);
    expect([first.status, again.status, again.body, isReplayed(again)]).toEqual([204, 204, '', true]);
  });

  it('is one for the person in another login session too, and for a machine', async () => {
    const key = randomUUID();
    const first = await register(clinic.receptionist, key);
    expect((await register(await signIn(server, clinic.receptionist.id), key)).body).toEqual(first.body);

    const machine = { api: await makeMachine(clinic) };
    const made = await register(machine, key);
    expect(made.body.id).not.toBe(first.body.id);
    expect((await register(machine, key)).body).toEqual(made.body);
  });

  it('is kept of somebody who ended their own place by it', async () => {
    const other = await makeStaff(server, clinic, { role: 'administrator', profession: null });
    const left = await send(other, randomUUID(), { path: `/api/staff/${other.id}/deactivation` });
    expect([left.status, left.body.id]).toEqual([200, other.id]);
    expect(await asSuperuser(server, 'SELECT status FROM app.idempotency_keys WHERE staff_id = $1', [other.id])).toEqual([{ status: 200 }]);
  });

  it('runs again without a key', async () => {
    for (const status of [201, 201]) expect((await clinic.receptionist.api.post('/api/patients', ROSA)).status).toBe(status);
    expect([await count('app.patients'), await count('app.idempotency_keys')]).toEqual([2, 0]);
  });
});

describe('a key that was used for something else', () => {
  it.each<[string, (patientId: string) => Request]>([
    [
      'another body',
      (id) => ({ method: 'PATCH', path: `/api/patients/${id}`, body: { phone: '+44 20 7946 0002' }, headers: { 'if-match': '"1"' } }),
    ],
    [
      'another version',
      (id) => ({ method: 'PATCH', path: `/api/patients/${id}`, body: { phone: '+44 20 7946 0001' }, headers: { 'if-match': '"2"' } }),
    ],
    ['another route', () => ({ path: '/api/patients', body: ROSA })],
    ['no body', (id) => ({ method: 'PATCH', path: `/api/patients/${id}`, headers: { 'if-match': '"1"' } })],
  ])('is refused with %s, and nothing is written', async (_, other) => {
    const id = await makePatient(clinic.receptionist);
    const key = randomUUID();
    const first = { method: 'PATCH', path: `/api/patients/${id}`, body: { phone: '+44 20 7946 0001' }, headers: { 'if-match': '"1"' } };
    expect((await send(clinic.receptionist, key, first)).status).toBe(200);
    const events = await count('audit.events');
    const refused = await send(clinic.receptionist, key, other(id));
    expect(said(refused)).toEqual([422, 'idempotency.other-request']);
    expect(refused.body.detail).toMatch(/new key/);
    expect([await count('app.patients'), await count('audit.events')]).toEqual([1, events]);
  });

  it('is refused for another patient, where everything else is the same', async () => {
    const { practitioner } = clinic;
    const [one, other] = [await makeClearedPatient(practitioner), await makeClearedPatient(practitioner)];
    const key = randomUUID();
    const start = (patientId: string) => send(practitioner, key, { path: `/api/patients/${patientId}/sessions`, body: CONFIRMED });
    expect((await start(one.patientId)).status).toBe(201);
    expect(said(await start(other.patientId))).toEqual([422, 'idempotency.other-request']);
    expect(await count('app.sessions')).toBe(1);
  });

  it('is another person’s own, in the clinic and in another one', async () => {
    const key = randomUUID();
    const other = await makeClinic(server);
    const people = [clinic.receptionist, clinic.practitioner, other.receptionist];
    const answers = await Promise.all(people.map((by, index) => register(by, key, { phone: `+44 20 7946 00${index}` })));
    expect(answers.map(({ status, body }) => [status, body.phone])).toEqual([
      [201, '+44 20 7946 000'],
      [201, '+44 20 7946 001'],
      [201, '+44 20 7946 002'],
    ]);
    expect((await register(clinic.practitioner, key, { phone: '+44 20 7946 000' })).status).toBe(422);
  });
});

describe('what was refused', () => {
  it('runs anew with the same key, once the reason is gone', async () => {
    const { practitioner } = clinic;
    const patientId = await makePatient(practitioner);
    const key = randomUUID();
    const start = () => send(practitioner, key, { path: `/api/patients/${patientId}/sessions`, body: CONFIRMED });
    expect(said(await start())).toEqual([409, 'session.refused']);
    expect(await count('app.idempotency_keys')).toBe(0);
    await makeScreening(practitioner, patientId);
    await makeConsent(practitioner, await makeDiscussion(practitioner, patientId));
    expect([(await start()).status, isReplayed(await start())]).toEqual([201, true]);
  });

  it('as malformed leaves the key free for what was meant', async () => {
    const key = randomUUID();
    expect((await register(clinic.receptionist, key, { birthDate: '2999-01-01' })).status).toBe(400);
    expect((await register(clinic.receptionist, key)).status).toBe(201);
  });
});

describe('a kept answer', () => {
  it('is given only to somebody who may still act so', async () => {
    const { practitioner } = clinic;
    const { patientId } = await makeClearedPatient(practitioner);
    const decision = { path: `/api/discussions/${await makeDiscussion(practitioner, patientId)}/consent`, body: GIVEN };
    const key = randomUUID();
    expect((await send(practitioner, key, decision)).status).toBe(201);
    await ageAuthentication(server, practitioner, 16);
    expect(said(await send(practitioner, key, decision))).toEqual([403, 'reauthentication-required']);
    await asSuperuser(server, `UPDATE app.staff SET role = 'receptionist', profession = NULL WHERE id = $1`, [practitioner.id]);
    expect(said(await send(practitioner, key, decision))).toEqual([403, 'forbidden']);
    await asSuperuser(server, `UPDATE app.staff SET active = active * tstzrange(NULL, clock_timestamp()) WHERE id = $1`, [practitioner.id]);
    expect((await send(practitioner, key, decision)).status).toBe(401);
  });

  it('is forgotten after 24 hours', async () => {
    const [young, old] = [randomUUID(), randomUUID()];
    for (const key of [young, old]) await register(clinic.receptionist, key);
    const age = (key: string, hours: number) =>
      asSuperuser(server, `UPDATE app.idempotency_keys SET claimed_at = claimed_at - make_interval(hours => $2) WHERE key = $1`, [
        key,
        hours,
      ]);
    await age(young, 23);
    await age(old, 25);
    expect(isReplayed(await register(clinic.receptionist, young))).toBe(true);
    // Where nobody has removed it yet, it is as if it weren't there.
    expect(isReplayed(await register(clinic.receptionist, old))).toBe(false);
    expect(isReplayed(await register(clinic.receptionist, old))).toBe(true);
    expect(await count('app.patients')).toBe(3);

    await age(old, 25);
    const restarted = await startServer({ shared: server.database });
    await restarted.stop();
    expect(await asSuperuser(server, 'SELECT key FROM app.idempotency_keys WHERE clinic_id = $1', [clinic.id])).toEqual([{ key: young }]);
  });
});
