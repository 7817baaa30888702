import { makeClinic, makePatient, type Person } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const NAMES = [
  ['Rosa', 'García Márquez', 'R-17/b'],
  ['Jörg', 'Ørsted', 'Q 100%'],
  ['Αθηνά', 'Παπαδοπούλου-Νίκος', '№5'],
  ['İbrahim', 'Işık', 'x_y'],
  ['Łukasz', 'Groß', 'back\\slash'],
  ['Đặng', 'Nguyễn', '000x'],
  ['José', 'Straße', 'A1'],
  ['花子', '山田', 'B2'],
  ['김', '민준', 'C3'],
  ['Фёдор', 'Йонов', 'D4'],
] as const;

async function makeRegister(): Promise<Person> {
  const { receptionist } = await makeClinic(server);
  for (const [givenName, familyName, recordNumber] of NAMES) await makePatient(receptionist, { givenName, familyName, recordNumber });
  return receptionist;
}

async function find(by: Person, query: string): Promise<string[]> {
  const { status, body } = await by.api.get(`/api/patients?query=${encodeURIComponent(query)}`);
  expect(status).toBe(200);
  expect(body.nextCursor).toBeNull();
  return (body.items as { givenName: string }[]).map(({ givenName }) => givenName);
}

/** Follows the cursors from page to page; `between` happens after the first one. */
async function readAll(
  by: Person,
  limit: number,
  query = '',
  between?: () => Promise<unknown>,
): Promise<{ ids: string[]; names: string[] }> {
  const items: { id: string; familyName: string }[] = [];
  let cursor: string | null = null;
  do {
    const { status, body } = await by.api.get(
      `/api/patients?limit=${limit}&query=${query}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    expect(status).toBe(200);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    if (cursor === null) await between?.();
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null);
  return { ids: items.map(({ id }) => id), names: items.map(({ familyName }) => familyName) };
}

const cursorOf = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('GET /api/patients', () => {
  let register: Person;
  beforeAll(async () => {
    register = await makeRegister();
  });

  it.each([
    ['García', ['Rosa']],
    ['garcia', ['Rosa']],
    ['GARCÍA', ['Rosa']],
    ['garci\u0301a', ['Rosa']],
    ['rcí', ['Rosa']],
    ['a', ['Rosa', 'İbrahim', 'José', 'Đặng', 'Łukasz']],
    ['osa', ['Rosa']],
    ['r-17', ['Rosa']],
    ['17/B', ['Rosa']],
    ['marquez rosa', ['Rosa']],
    ['  r-17\t ROSA   garcía ', ['Rosa']],
    ['rosa orsted', []],
    ['orsted', ['Jörg']],
    ['ØRSTED', ['Jörg']],
    ['jorg', ['Jörg']],
    ['JÖRG', ['Jörg']],
    ['Αθηνά', ['Αθηνά']],
    ['αθηνα', ['Αθηνά']],
    ['ΑΘΗΝΆ', ['Αθηνά']],
    ['ΝΊΚΟΣ', ['Αθηνά']],
    ['νικοσ', ['Αθηνά']],
    ['ibrahim', ['İbrahim']],
    ['İBRAHİM', ['İbrahim']],
    ['isik', ['İbrahim']],
    ['IŞIK', ['İbrahim']],
    ['lukasz', ['Łukasz']],
    ['gross', ['Łukasz']],
    ['GROẞ', ['Łukasz']],
    ['strasse', ['José']],
    ['dang nguyen', ['Đặng']],
    ['山', ['花子']],
    ['田 花', ['花子']],
    ['민준', ['김']],
    ['федор', ['Фёдор']],
    ['ионов', ['Фёдор']],
    ['%', ['Jörg']],
    ['100%', ['Jörg']],
    ['_', ['İbrahim']],
    ['x_y', ['İbrahim']],
    ['x%y', []],
    ['\\', ['Łukasz']],
    ['k\\s', ['Łukasz']],
    ['k\\\\s', []],
    ['%%', []],
    ["'; DROP TABLE app.patients; --", []],
    ['.*', []],
    ['nobody', []],
    ['1984-13-01', []],
    ['2026-02-30', []],
    ['0000-00-00', []],
  ])('finds by %s', async (query, found) => {
    expect((await find(register, query)).sort()).toEqual([...found].sort());
  });

  it.each(['', ' ', '\t\u00A0\u3000', '\u0301'])('finds everybody by %j', async (query) => {
    expect(await find(register, query)).toHaveLength(NAMES.length);
  });

  it('finds by birth date', async () => {
    const { receptionist } = await makeClinic(server);
    await makePatient(receptionist, { givenName: 'Leap', birthDate: '2000-02-29' });
    await makePatient(receptionist, { givenName: 'Next', birthDate: '2000-03-01' });
    expect(await find(receptionist, '2000-02-29')).toEqual(['Leap']);
    expect(await find(receptionist, ' 2000-03-01 ')).toEqual(['Next']);
    expect(await find(receptionist, '2000-03-02')).toEqual([]);
  });

  it('finds by a record number that looks like a date', async () => {
    const { receptionist } = await makeClinic(server);
    await makePatient(receptionist, { givenName: 'Numbered', recordNumber: '2020-01-15' });
    await makePatient(receptionist, { givenName: 'Born', birthDate: '2020-01-15' });
    await makePatient(receptionist, { givenName: 'Impossible', recordNumber: '2020-13-15' });
    expect((await find(receptionist, '2020-01-15')).sort()).toEqual(['Born', 'Numbered']);
    expect(await find(receptionist, '2020-13-15')).toEqual(['Impossible']);
  });

  it('finds what was corrected by its new name only', async () => {
    const { receptionist } = await makeClinic(server);
    const id = await makePatient(receptionist, { familyName: 'Before' });
    await receptionist.api.patch(`/api/patients/${id}`, { familyName: 'After' }, '"1"');
    expect(await find(receptionist, 'before')).toEqual([]);
    expect(await find(receptionist, 'after')).toEqual(['Rosa']);
  });

  it('finds nobody of another clinic', async () => {
    const { receptionist } = await makeClinic(server);
    expect(await find(receptionist, '')).toEqual([]);
    expect(await find(receptionist, 'garcia')).toEqual([]);
    expect(await find(receptionist, '1984-05-17')).toEqual([]);
  });

  it('shows registrations only', async () => {
    const { body } = await register.api.get('/api/patients?query=garcia');
    expect(Object.keys(body.items[0]).sort()).toEqual(
      [
        'id',
        'recordNumber',
        'givenName',
        'familyName',
        'birthDate',
        'sex',
        'phone',
        'email',
        'preferredLanguage',
        'registeredAt',
        'archivedAt',
        'archivedBy',
        'archiveReason',
        'version',
      ].sort(),
    );
  });

  it('pages through everybody once, by family name', async () => {
    const { receptionist } = await makeClinic(server);
    const names = ['zeta', 'Álvarez', 'beta', 'Ärger', 'Same', 'Same', 'Same', 'alpha', 'Zola', 'Ökonom', 'same'];
    const ids = await Promise.all(names.map((familyName) => makePatient(receptionist, { familyName, givenName: 'Same' })));
    for (const limit of [1, 2, 3, 10, 11, 12, 100]) {
      const read = await readAll(receptionist, limit);
      expect([...read.ids].sort()).toEqual([...ids].sort());
      expect(read.names.map((name) => name.toLowerCase())).toEqual([
        'alpha',
        'álvarez',
        'ärger',
        'beta',
        'ökonom',
        'same',
        'same',
        'same',
        'same',
        'zeta',
        'zola',
      ]);
    }
  });

  it.each(['smi', '1984-05-17'])('pages through those found by %s', async (query) => {
    const { receptionist } = await makeClinic(server);
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) ids.push(await makePatient(receptionist, { familyName: `Smith ${count}` }));
    await makePatient(receptionist, { familyName: 'Other', birthDate: '1999-09-09' });
    expect((await readAll(receptionist, 2, query)).ids).toEqual(ids);
  });

  it('keeps its place when somebody is registered between pages', async () => {
    const { receptionist } = await makeClinic(server);
    const ids: string[] = [];
    for (const familyName of ['B', 'D', 'F', 'H']) ids.push(await makePatient(receptionist, { familyName }));
    const read = await readAll(receptionist, 2, '', async () => {
      await makePatient(receptionist, { familyName: 'A' });
      ids.splice(3, 0, await makePatient(receptionist, { familyName: 'G' }));
    });
    expect(read.ids).toEqual(ids);
  });

  it('pages by the longest names', async () => {
    const { receptionist } = await makeClinic(server);
    const ids: string[] = [];
    for (const first of ['가', '나', '다']) {
      const name = first + Array.from({ length: 99 }, (_, index) => String.fromCodePoint(0xac00 + ((index * 7919) % 11_172))).join('');
      ids.push(await makePatient(receptionist, { familyName: name, givenName: name }));
    }
    expect((await readAll(receptionist, 1)).ids).toEqual(ids);
  });

  it('holds 25 a page where no limit is given', async () => {
    const { receptionist } = await makeClinic(server);
    await Promise.all(Array.from({ length: 26 }, () => makePatient(receptionist)));
    const { body } = await receptionist.api.get('/api/patients');
    expect(body.items).toHaveLength(25);
    expect(body.nextCursor).toEqual(expect.any(String));
  });

  const id = '0198c0de-0000-7000-8000-000000000000';
  it.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=', 'limit'],
    ['limit=many', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['query=a&query=b', 'query'],
    [`query=${'x'.repeat(201)}`, 'query'],
    ['query=%00', 'query'],
    ['cursor=', 'cursor'],
    ['cursor=x', 'cursor'],
    ['cursor=bnVsbA', 'cursor'],
    [`cursor=${cursorOf()}`, 'cursor'],
    [`cursor=${cursorOf('a')}`, 'cursor'],
    [`cursor=${cursorOf('a', 'b')}`, 'cursor'],
    [`cursor=${cursorOf('a', '-'.repeat(36))}`, 'cursor'],
    [`cursor=${cursorOf('a', `${id}0`)}`, 'cursor'],
    [`cursor=${cursorOf(1, id)}`, 'cursor'],
    [`cursor=${cursorOf('\u0000', id)}`, 'cursor'],
    [`cursor=${'x'.repeat(10_001)}`, 'cursor'],
    [`cursor=${cursorOf('a', id)}&cursor=${cursorOf('a', id)}`, 'cursor'],
    ['sort=name', 'sort'],
    ['query[a]=b', 'query[a]'],
    ['__proto__=b', '__proto__'],
  ])('refuses ?%s', async (query, field) => {
    const { status, body } = await register.api.get(`/api/patients?${query}`);
    expect({ status, code: body.code, field: body.errors?.[0]?.field }).toEqual({ status: 400, code: 'malformed', field });
  });

  it('takes the limits 1 and 100', async () => {
    expect((await register.api.get('/api/patients?limit=1')).body.items).toHaveLength(1);
    expect((await register.api.get('/api/patients?limit=100')).body.items).toHaveLength(NAMES.length);
  });
});
