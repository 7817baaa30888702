import { withClient } from '../support/database.js';
import { makeClinic, makePatient, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };

/** Sends a body that can't be right, and expects to be told which field, and that nothing is written. */
async function expectRefusal(body: string, field: string): Promise<void> {
  const { receptionist } = clinic;
  const before = await countPatients();
  const answer = await receptionist.api.send('POST', '/api/patients', body, { 'content-type': 'application/json' });
  expect(answer).toMatchObject({ status: 400, body: { code: 'malformed', status: 400 } });
  expect(answer.body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(await countPatients()).toBe(before);
}

async function countPatients(): Promise<number> {
  const { rows } = await withClient(server.database.superuser, (client) =>
    client.query<{ count: number }>('SELECT count(*)::int FROM app.patients WHERE clinic_id = $1', [clinic.id]),
  );
  return rows[0]?.count ?? Number.NaN;
}

describe('POST /api/patients', () => {
  it('answers with the patient as registered', async () => {
    const { receptionist } = await makeClinic(server);
    const values = {
      ...ROSA,
      sex: 'female',
      phone: '+34 (91) 123-45.67/8',
      email: 'Rosa@example.org',
      preferredLanguage: 'es-419',
      recordNumber: 'A 17',
    };
    const { status, body } = await receptionist.api.post('/api/patients', values);
    expect(status).toBe(201);
    const notArchived = { archivedAt: null, archivedBy: null, archiveReason: null };
    expect(body).toEqual({
      ...values,
      ...notArchived,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      registeredAt: expect.any(String),
      version: 1,
    });
    expect(new Date(body.registeredAt).toISOString()).toBe(body.registeredAt);
    expect((await receptionist.api.get(`/api/patients/${body.id}`)).body).toEqual({ ...body, erasableFrom: null });
  });

  it.each(['\u200b', '\u2060\ufeff', '\u3164', '\u202e\u202c', '—', '\u200d'])(
    'refuses the name %j, which shows no letter',
    async (givenName) => {
      await expectRefusal(JSON.stringify({ ...ROSA, givenName }), 'givenName');
    },
  );

  it.each([
    ['\u202eRo\u200bsa\u202c', 'Rosa'],
    ['Rosa\u00a0\u2003 María', 'Rosa María'],
    ['می\u200cخواهم\u200c', 'می\u200cخواهم'],
    ['क्\u200dष', 'क्\u200dष'],
  ])('keeps of the name %j what shows or shapes letters', async (givenName, kept) => {
    const { body } = await clinic.receptionist.api.post('/api/patients', { ...ROSA, givenName });
    expect(body.givenName).toBe(kept);
  });

  it('is refused by the database with a name that can’t be read', async () => {
    const id = await makePatient(clinic.practitioner);
    for (const name of ['\u200b', '\u2060', '\u3164', '\u202eRosa'])
      await expect(
        withClient(server.database.superuser, (client) =>
          client.query('UPDATE app.patients SET given_name = $2 WHERE id = $1', [id, name]),
        ),
      ).rejects.toMatchObject({ constraint: 'patient_has_names' });
  });

  it('needs names and birth date only', async () => {
    const { body } = await clinic.receptionist.api.post('/api/patients', ROSA);
    expect(body).toMatchObject({ sex: 'unknown', phone: null, email: null, preferredLanguage: null });
  });

  it('takes null for what isn’t known', async () => {
    const nothing = { phone: null, email: null, preferredLanguage: null };
    const { status, body } = await clinic.receptionist.api.post('/api/patients', { ...ROSA, ...nothing });
    expect(status).toBe(201);
    expect(body).toMatchObject(nothing);
  });

  it.each([
    ['givenName', 'Nguyễn Thị'],
    ['familyName', 'Ørsted-Þórsdóttir'],
    ['givenName', 'Αθηνά'],
    ['familyName', 'Дмитриевич'],
    ['givenName', 'مُحَمَّد'],
    ['givenName', 'שָׂרָה'],
    ['familyName', '山田𠮷'],
    ['givenName', '김민준'],
    ['familyName', 'தமிழ்'],
    ['givenName', 'ประภาส'],
    ['familyName', 'አበበ'],
    ['familyName', 'O’Brien, Jr. (née d\'Arc) "Bob" <b>\\ %_'],
    ['givenName', '👩🏽‍⚕️'],
    ['familyName', 'X'],
    ['recordNumber', '№ 12/α'],
  ])('keeps %s %s as given, in composed form', async (field, text) => {
    const { receptionist } = await makeClinic(server);
    const { status, body } = await receptionist.api.post('/api/patients', { ...ROSA, [field]: text.normalize('NFD') });
    expect({ status, text: body[field] }).toEqual({ status: 201, text: text.normalize('NFC') });
  });

  it('drops spaces around names and record numbers', async () => {
    const { body } = await clinic.receptionist.api.post('/api/patients', { ...ROSA, givenName: ' Ana María　', familyName: '\u00A0Ruiz ' });
    expect(body).toMatchObject({ givenName: 'Ana María', familyName: 'Ruiz' });
  });

  it.each(['x', '山', '𠮷', 'ü', 'ﷺ'])('takes a hundred of %s as a name', async (letter) => {
    const { receptionist } = await makeClinic(server);
    const name = letter.repeat(100);
    const { status, body } = await receptionist.api.post('/api/patients', { ...ROSA, givenName: name, familyName: name });
    expect({ status, name: body.givenName }).toEqual({ status: 201, name });
    expect((await receptionist.api.get('/api/patients')).body.items).toHaveLength(1);
  });

  it.each(['1900-01-01', '2000-02-29', '2024-02-29'])('takes the birth date %s', async (birthDate) => {
    const { status, body } = await clinic.receptionist.api.post('/api/patients', { ...ROSA, birthDate });
    expect({ status, birthDate: body.birthDate }).toEqual({ status: 201, birthDate });
  });

  it.each([
    ['Pacific/Kiritimati', 14],
    ['Pacific/Pago_Pago', -11],
  ])('takes today and not the day after tomorrow or tomorrow in %s', async (timeZone, offset) => {
    const { receptionist } = await makeClinic(server, { timeZone });
    const day = (ahead: number) => new Date(Date.now() + (offset + 24 * ahead) * 3_600_000).toISOString().slice(0, 10);
    expect((await receptionist.api.post('/api/patients', { ...ROSA, birthDate: day(0) })).status).toBe(201);
    for (const ahead of [1, 2]) {
      const { status, body } = await receptionist.api.post('/api/patients', { ...ROSA, birthDate: day(ahead) });
      expect({ status, errors: body.errors }).toEqual({ status: 400, errors: [{ field: 'birthDate', message: expect.any(String) }] });
    }
    expect((await receptionist.api.get('/api/patients')).body.items).toHaveLength(1);
  });

  const lines = ['givenName', 'familyName', 'recordNumber'].flatMap((field): [string, string, unknown][] => [
    [field, 'is empty', ''],
    [field, 'is only spaces', ' \u00A0\u3000'],
    [field, 'is too long', 'x'.repeat(101)],
    [field, 'is too long by variation selectors', 'x\uFE0F'.repeat(60)],
    [field, 'has a line break', 'Ro\nsa'],
    [field, 'has a control character', 'Ro\u001Bsa'],
    [field, 'has a C1 control character', 'Ro\u0085sa'],
    [field, 'has a NUL', 'Ro\u0000sa'],
    [field, 'is a number', 7],
    [field, 'is a list', ['Rosa']],
    [field, 'is an object', { first: 'Rosa' }],
  ]);
  it.each([
    ...lines,
    ['givenName', 'is missing', undefined],
    ['familyName', 'is missing', undefined],
    ['birthDate', 'is missing', undefined],
    ['givenName', 'is null', null],
    ['birthDate', 'is null', null],
    ['sex', 'is null', null],
    ['recordNumber', 'is null', null],
    ['birthDate', 'doesn’t exist', '2026-02-30'],
    ['birthDate', 'is a leap day of a common year', '2025-02-29'],
    ['birthDate', 'is a leap day of 1900', '1900-02-29'],
    ['birthDate', 'has a month 13', '1984-13-01'],
    ['birthDate', 'is before 1900', '1899-12-31'],
    ['birthDate', 'is in the far future', '9999-12-31'],
    ['birthDate', 'has five digits in its year', '10000-01-01'],
    ['birthDate', 'is an instant', '1984-05-17T00:00:00Z'],
    ['birthDate', 'is written otherwise', '17.05.1984'],
    ['birthDate', 'has other digits', '１９８４-05-17'],
    ['birthDate', 'has a line break', '1984-05-17\n'],
    ['birthDate', 'is a number', 19_840_517],
    ['birthDate', 'is a list', ['1984-05-17']],
    ['sex', 'is no code', 'f'],
    ['sex', 'is empty', ''],
    ['sex', 'is a list', ['female']],
    ['phone', 'has letters', 'call me'],
    ['phone', 'is too long', '1'.repeat(41)],
    ['phone', 'is too short', '12'],
    ['phone', 'is a number', 4_491_234_567],
    ['phone', 'has a NUL', '123\u0000456'],
    ['email', 'is no address', 'rosa@'],
    ['email', 'holds two addresses', 'a@example.org, b@example.org'],
    ['email', 'is too long', `${'x'.repeat(250)}@example.org`],
    ['email', 'is an object', { address: 'a@example.org' }],
    ['email', 'has a line break', 'rosa@example.org\nbcc: b@example.org'],
    ['preferredLanguage', 'is no tag', 'Spanish!'],
    ['preferredLanguage', 'is too long', `en-${'x'.repeat(60)}`],
    ['preferredLanguage', 'is a number', 1],
    ['id', 'is no field', '0198c0de-0000-7000-8000-000000000000'],
    ['version', 'is no field', 3],
    ['clinicId', 'is no field', '0198c0de-0000-7000-8000-000000000000'],
    ['constructor', 'is no field', 'x'],
    ['toString', 'is no field', 'x'],
  ] as [string, string, unknown][])('refuses a %s that %s', async (field, _, value) => {
    await expectRefusal(JSON.stringify({ ...ROSA, [field]: value }), field);
  });

  it.each([
    ['givenName', '{"givenName":"\\ud800","familyName":"García","birthDate":"1984-05-17"}'],
    ['familyName', '{"givenName":"Rosa","familyName":"x\\udc00y","birthDate":"1984-05-17"}'],
    ['notes[0]', '{"givenName":"Rosa","familyName":"García","birthDate":"1984-05-17","notes":["\\udfff"]}'],
  ])('refuses half of a surrogate pair in %s', async (field, body) => {
    await expectRefusal(body, field);
  });

  it.each([
    ['thirteen', 13],
    ['fifty thousand', 50_000],
  ])('refuses %s levels of nesting', async (_, levels) => {
    const { receptionist } = clinic;
    const before = await countPatients();
    const body = `{"givenName":${'['.repeat(levels)}${']'.repeat(levels)},"familyName":"García","birthDate":"1984-05-17"}`;
    const answer = await receptionist.api.send('POST', '/api/patients', body, { 'content-type': 'application/json' });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'malformed' });
    expect(answer.body.errors[0].field).toMatch(/^givenName/);
    expect(await countPatients()).toBe(before);
  });

  it.each(['[]', '[{}]', '"Rosa"', '7', 'true', 'null', '{}'])('refuses %s as a body', async (body) => {
    const before = await countPatients();
    const answer = await clinic.receptionist.api.send('POST', '/api/patients', body, { 'content-type': 'application/json' });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'malformed' });
    const fields = answer.body.errors.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(['{}', 'null'].includes(body) ? ['givenName', 'familyName', 'birthDate'] : ['body']);
    expect(await countPatients()).toBe(before);
  });

  it('refuses a list of patients', async () => {
    await expectRefusal(JSON.stringify([ROSA]), 'body');
  });

  it('refuses a request without a body', async () => {
    const { status, body } = await clinic.receptionist.api.post('/api/patients');
    expect({ status, fields: body.errors.map(({ field }: { field: string }) => field) }).toEqual({
      status: 400,
      fields: ['givenName', 'familyName', 'birthDate'],
    });
  });

  it.each(['{', '', '{"givenName":"Rosa",}', "{'a':1}", 'NaN', '{"__proto__":{"givenName":"Rosa"}}'])(
    'refuses the JSON %s',
    async (body) => {
      const answer = await clinic.receptionist.api.send('POST', '/api/patients', body, { 'content-type': 'application/json' });
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'malformed' });
    },
  );

  it('names no more than twenty of ninety faults', async () => {
    const body = { ...ROSA, ...Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`field${index}`, 'x'])) };
    const answer = await clinic.receptionist.api.post('/api/patients', body);
    expect({ status: answer.status, errors: answer.body.errors.length }).toEqual({ status: 400, errors: 20 });
  });

  it('refuses more than half a megabyte', async () => {
    const { status, body } = await clinic.receptionist.api.post('/api/patients', { ...ROSA, givenName: 'x'.repeat(600_000) });
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'payload-too-large' });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/xml', 'application/jsonp'])(
    'refuses %s',
    async (type) => {
      const answer = await clinic.receptionist.api.send('POST', '/api/patients', JSON.stringify(ROSA), { 'content-type': type });
      expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 415, code: 'unsupported-media-type' });
    },
  );
});

describe('GET /api/patients/{id}', () => {
  it('carries the ETag of the version', async () => {
    const id = await makePatient(clinic.receptionist);
    const { body, headers } = await clinic.receptionist.api.get(`/api/patients/${id}`);
    expect({ version: body.version, etag: headers.get('etag') }).toEqual({ version: 1, etag: '"1"' });
  });

  it('knows no patient of another clinic', async () => {
    const { receptionist } = await makeClinic(server);
    const elsewhere = await receptionist.api.get(`/api/patients/${await makePatient(clinic.receptionist)}`);
    const unknown = await receptionist.api.get('/api/patients/0198c0de-0000-7000-8000-000000000000');
    expect(elsewhere.status).toBe(404);
    expect({ ...elsewhere.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });

  it.each(['1', 'x', '0198c0de-0000-7000-8000-00000000000g', '..%2f..', 'x'.repeat(180)])('refuses the id %s', async (id) => {
    const { status, body } = await clinic.receptionist.api.get(`/api/patients/${id}`);
    expect({ status, errors: body.errors }).toEqual({ status: 400, errors: [{ field: 'id', message: 'must be a UUID' }] });
  });

  it('refuses an id with a NUL', async () => {
    const { status, body } = await clinic.receptionist.api.get('/api/patients/%00');
    expect({ status, field: body.errors[0].field }).toEqual({ status: 400, field: 'id' });
  });
});
