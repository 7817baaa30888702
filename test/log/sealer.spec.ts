import { entryHash } from '../../src/log/entry.js';
import { openCheckpoint } from '../../src/log/format/checkpoint.js';
import { verifyConsistency } from '../../src/log/format/merkle.js';
import { readProof, verifyProof } from '../../src/log/format/proof.js';
import { readAddCheckpoint } from '../../src/log/witness/witness.js';
import { Caller } from '../support/api.js';
import { withClient, withDatabase } from '../support/database.js';
import { rowsOf, sealed, tamper, trustOf, until, verify } from '../support/log.js';
import { makeClearedPatient, makeClinic, makePatient, makeSession, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const anyone = (): Caller => new Caller(server.url);

/** Each event, with the leaf that it is. */
const leaves = () =>
  rowsOf<{ id: string; leaf_index: string | null }>(
    server.database,
    'SELECT e.id, leaf_index FROM audit.events e LEFT JOIN audit.leaves l ON l.event_id = e.id ORDER BY leaf_index',
  );

async function expectEachOnce(): Promise<void> {
  await sealed(server.database);
  expect((await leaves()).map(({ leaf_index: index }, expected) => [Number(index), expected])).toEqual(
    (await leaves()).map((_, index) => [index, index]),
  );
}

async function eventIds(by: TestClinic, query = ''): Promise<string[]> {
  const { body } = await by.administrator.api.get(`/api/audit/events?${query}`);
  return (body.items as { id: string }[]).map(({ id }) => id);
}

describe('an event', () => {
  it('is in the log once, without gaps, and proven with its entry', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await expectEachOnce();
    const trust = await trustOf(server.database);
    for (const id of await eventIds(clinic, `patientId=${patientId}`)) {
      const answer = await clinic.administrator.api.get(`/api/audit/proof/${id}`);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
      const entry = readProof(answer.body).extra ?? Buffer.alloc(0);
      const { index } = verifyProof(answer.body, entryHash(entry.toString()), trust);
      expect(JSON.parse(entry.toString())).toMatchObject({ id, clinicId: clinic.id, patientId });
      const [row] = await rowsOf(server.database, 'SELECT leaf_index FROM audit.leaves WHERE event_id = $1', [id]);
      expect(String(index)).toBe(row?.['leaf_index']);
      expect(() => verifyProof(answer.body, entryHash(`${entry.toString()} `), trust)).toThrow('isn’t in the log');
    }
  });

  it('of a thousand requests at once is in the log once', async () => {
    const [before] = await rowsOf(server.database, 'SELECT count(*) FROM audit.events');
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        clinic.receptionist.api.post('/api/patients', { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
    await expectEachOnce();
    const inserted = await rowsOf(
      server.database,
      `SELECT subject_id FROM audit.events JOIN audit.leaves ON event_id = id WHERE subject = 'patients' AND subject_id = ANY ($1)`,
      [answers.map(({ body }) => body.id)],
    );
    expect(inserted).toHaveLength(1_000);
    expect((await leaves()).length - Number(before?.['count'])).toBe(1_000);
  });

  it('that commits late is sealed late, and one that is rolled back never', async () => {
    const record = `SELECT audit.record($1, 'success', NULL, NULL, NULL, NULL)`;
    await withClient(server.database.owner, async (late) => {
      await withClient(server.database.owner, async (undone) => {
        await late.query('BEGIN');
        await late.query(record, ['late']);
        await undone.query('BEGIN');
        await undone.query(record, ['undone']);
        await makePatient(clinic.practitioner);
        await makePatient(clinic.practitioner);
        await sealed(server.database);
        const [size] = await rowsOf(server.database, 'SELECT count(*) FROM audit.leaves');
        await undone.query('ROLLBACK');
        await late.query('COMMIT');
        await expectEachOnce();
        const actions = await rowsOf(
          server.database,
          `SELECT action, leaf_index FROM audit.events JOIN audit.leaves ON event_id = id WHERE action IN ('late', 'undone')`,
        );
        expect(actions.map(({ action }) => action)).toEqual(['late']);
        expect(Number(actions[0]?.['leaf_index'])).toBeGreaterThanOrEqual(Number(size?.['count']));
      });
    });
  });

  it('waits for its proof, and another clinic’s has none', async () => {
    const other = await makeClinic(server);
    const id = await withClient(server.database.superuser, async (holder) => {
      await holder.query('BEGIN; LOCK audit.checkpoints IN SHARE MODE');
      await makePatient(clinic.practitioner);
      const [event = ''] = await eventIds(clinic);
      const waits = await clinic.administrator.api.get(`/api/audit/proof/${event}`);
      expect([waits.status, waits.body.code, waits.headers.get('retry-after')]).toEqual([409, 'event.not-in-log', '2']);
      const { body } = await clinic.administrator.api.get('/api/audit/log');
      expect(body).toMatchObject({ halted: false, problem: null, waitingSince: expect.any(String) });
      expect(body.waiting).toBeGreaterThan(0);
      return event;
    });
    await sealed(server.database);
    expect((await clinic.administrator.api.get(`/api/audit/proof/${id}`)).status).toBe(200);
    const refused = await other.administrator.api.get(`/api/audit/proof/${id}`);
    expect([refused.status, refused.body.code]).toEqual([404, 'not-found']);
  });

  it.each([
    ['0193', 400],
    ['00000000-0000-4000-8000-000000000000', 404],
    ['ffffffff-ffff-7fff-bfff-ffffffffffff', 404],
  ])('called %s has no proof', async (id, status) => {
    expect((await clinic.administrator.api.get(`/api/audit/proof/${id}`)).status).toBe(status);
  });

  it('is proven to administrators', async () => {
    const [id = ''] = await eventIds(clinic);
    for (const path of [`/api/audit/proof/${id}`, '/api/audit/log']) {
      expect((await clinic.practitioner.api.get(path)).status).toBe(403);
      expect((await anyone().get(path)).status).toBe(401);
    }
  });
});

describe('GET /api/audit/checkpoint', () => {
  it('is for anybody, and proves that each later state continues it', async () => {
    const trust = await trustOf(server.database);
    await sealed(server.database);
    const first = openCheckpoint((await anyone().get('/api/audit/checkpoint')).body, trust).checkpoint;
    await makeClearedPatient(clinic.practitioner);
    await sealed(server.database);
    const answer = await anyone().get(`/api/audit/checkpoint?from=${first.size}`);
    const { oldSize, proof, checkpoint: note } = readAddCheckpoint(answer.body);
    const second = openCheckpoint(note, trust).checkpoint;
    expect(second.size).toBeGreaterThan(first.size);
    expect(oldSize).toBe(first.size);
    expect(verifyConsistency({ size1: first.size, size2: second.size, root1: first.root, root2: second.root, proof })).toBe(true);
    expect((await anyone().get('/api/audit/checkpoint?from=0')).status).toBe(200);
  });

  it.each([
    ['from=abc', 400],
    ['from=', 400],
    ['from=-1', 400],
    ['from=1.5', 400],
    ['from=1e3', 400],
    ['from=1&from=2', 400],
    ['from=9007199254740993', 400],
    ['from=9007199254740991', 409],
    ['since=1', 400],
  ])('?%s is refused', async (query, status) => {
    expect((await anyone().get(`/api/audit/checkpoint?${query}`)).status).toBe(status);
  });
});

describe('the log', () => {
  it('is signed again when nothing happened for five minutes', async () => {
    await withDatabase({}, async (database) => {
      const first = await startServer({ shared: database });
      await sealed(database);
      await first.stop();
      await tamper(database, (client) => client.query(`UPDATE audit.checkpoints SET signed_at = signed_at - interval '5 minutes'`));
      const [before] = await rowsOf(database, 'SELECT max(id) AS id, max(tree_size) AS size FROM audit.checkpoints');
      await withServer({ shared: database }, () =>
        until(async () => {
          const [now] = await rowsOf(database, 'SELECT max(id) AS id, max(tree_size) AS size FROM audit.checkpoints');
          expect(now?.['size']).toBe(before?.['size']);
          return now?.['id'] !== before?.['id'];
        }),
      );
      expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
    });
  });

  it('has all that was recorded when the server stops', async () => {
    await withDatabase({}, async (database) => {
      const own = await startServer({ shared: database });
      const { practitioner } = await makeClinic(own);
      await makeClearedPatient(practitioner);
      await own.stop();
      expect(await rowsOf(database, 'SELECT FROM audit.unsealed')).toEqual([]);
      expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
    });
  });
});
