import { sealed } from '../support/log.js';
import { makeClearedPatient, makeClinic, makePatient, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

interface Found {
  readonly items: { id: string; action: string; subject: string; patientId: string | null }[];
  readonly nextCursor: string | null;
}

/** Without the searches of this function itself, which hold the words too. */
async function find(query: Record<string, string>, { administrator } = clinic): Promise<Found> {
  const { status, body } = await administrator.api.get(`/api/audit/events?${new URLSearchParams(query).toString()}`);
  expect(status).toBe(200);
  const { items, nextCursor } = body as Found;
  return { items: items.filter(({ subject }) => subject !== 'listEvents'), nextCursor };
}

/** Events that hold a word and a number, as many as are wanted. */
const record = (word: string, count: number, { id } = clinic) =>
  asSuperuser(
    server,
    `SELECT audit.record('insert', 'success', 'patients', n::text, NULL, jsonb_build_object('new', jsonb_build_object('name', $2 || n)), clinic => $1)
       FROM generate_series(1, $3::int) AS n`,
    [id, word, count],
  );

describe('GET /api/audit/events?text', () => {
  it.each([
    ['a word', 'Zwingli', 'Zwingli'],
    ['its beginning, in another case', 'Zwingli', 'zwin'],
    ['words in any order', 'Zwingli', 'zwingli ulrike'],
    ['beginnings of several', 'Zwingli', 'zw ul'],
    ['a quote and a backslash about it', 'Zwingli', `'zwingli\\`],
    ['a name with an apostrophe', 'O’Zwingli', 'o’zwingli'],
  ])('finds events by %s', async (_, familyName, text) => {
    const own = await makeClinic(server);
    const { body } = await own.receptionist.api.post('/api/patients', { givenName: 'Ulrike', familyName, birthDate: '1984-05-17' });
    await makePatient(own.receptionist);
    expect((await find({ text }, own)).items).toMatchObject([{ action: 'insert', subject: 'patients', patientId: body.id as string }]);
  });

  it('finds nothing for words that no event holds together, and for what is no word', async () => {
    await record('Calvin ', 3);
    await record('Zwingli ', 3);
    for (const text of ['Zwingli Calvin', '!!!', '&', `':*`, '(', '\\', '<->', '%']) {
      expect((await find({ text })).items).toEqual([]);
    }
  });

  it('goes together with every other filter', async () => {
    const own = await makeClinic(server);
    const { patientId } = await makeClearedPatient(own.practitioner);
    const other = await makePatient(own.receptionist);
    const text = 'rosa';
    // Where events are in the log is part of the answer.
    await sealed(server.database);
    const all = (await find({ text }, own)).items;
    expect(all.filter(({ subject }) => subject === 'patients').map((event) => event.patientId)).toEqual([other, patientId]);
    expect((await find({ text, patientId }, own)).items.map((event) => event.patientId)).not.toContain(other);
    expect((await find({ text, staffId: own.receptionist.id }, own)).items).toMatchObject([{ patientId: other }]);
    expect((await find({ text, action: 'archive' }, own)).items).toEqual([]);
    expect((await find({ text, outcome: 'failure' }, own)).items).toEqual([]);
    expect((await find({ text, from: '2020-01-01', until: '2020-01-02' }, own)).items).toEqual([]);
    expect((await find({ text, from: '2020-01-01' }, own)).items).toEqual(all);
  });

  it('goes on page by page, each event once', async () => {
    const own = await makeClinic(server);
    await record('Common ', 250, own);
    const pages = [await find({ text: 'common' }, own)];
    for (let cursor = pages[0]?.nextCursor; cursor; cursor = pages.at(-1)?.nextCursor)
      pages.push(await find({ text: 'common', cursor }, own));
    const ids = pages.flatMap(({ items }) => items.map(({ id }) => id));
    expect(pages.map(({ items }) => items.length)).toEqual([100, 100, 50]);
    expect(new Set(ids).size).toBe(250);
    expect(ids).toEqual(ids.toSorted().toReversed());
  });

  it('finds nothing of another clinic, and nothing for who isn’t an administrator, by raw SQL neither', async () => {
    const other = await makeClinic(server);
    await record('Bullinger ', 1, other);
    expect((await find({ text: 'bullinger' })).items).toEqual([]);
    const search = (token: string | undefined) =>
      asApplication(server, token ?? '', async (client) => {
        const sql = `SELECT id FROM audit.search_events('bullinger', NULL, NULL, 'insert', NULL, NULL, NULL, NULL, 10)`;
        return (await client.query(sql)).rowCount;
      });
    expect(await search(other.administrator.api.token)).toBe(1);
    expect(await search(clinic.administrator.api.token)).toBe(0);
    expect(await search(other.receptionist.api.token)).toBe(0);
  });

  it('uses the index where a word is rare among many events', async () => {
    const own = await makeClinic(server);
    await record('Word', 20_000, own);
    await asSuperuser(server, 'ANALYZE audit.events');
    const plan = await asSuperuser(
      server,
      `EXPLAIN SELECT * FROM audit.events WHERE clinic_id = $1
          AND jsonb_to_tsvector('simple', details::jsonb, '["string"]') @@ to_tsquery('simple', 'word777:*') ORDER BY id DESC LIMIT 101`,
      [own.id],
    );
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Bitmap Index Scan on events_\w+_jsonb_to_tsvector_idx/);
  });

  it('refuses a text that is too long', async () => {
    const { status, body } = await clinic.administrator.api.get(`/api/audit/events?text=${'x'.repeat(201)}`);
    expect([status, body.code]).toEqual([400, 'malformed']);
  });
});
