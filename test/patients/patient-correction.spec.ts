import { makeClinic, makePatient, type Person, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
let receptionist: Person;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  receptionist = clinic.receptionist;
});
afterAll(() => server.stop());

const EVERYTHING = {
  givenName: 'Rosa',
  familyName: 'García',
  birthDate: '1984-05-17',
  sex: 'female',
  phone: '+34 123',
  email: 'rosa@example.org',
  preferredLanguage: 'es',
};

async function read(id: string): Promise<Record<string, unknown>> {
  return (await receptionist.api.get(`/api/patients/${id}`)).body as Record<string, unknown>;
}

describe('PATCH /api/patients/{id}', () => {
  it.each([
    ['givenName', 'Αθηνά'],
    ['familyName', 'Núñez'],
    ['birthDate', '2000-02-29'],
    ['sex', 'other'],
    ['phone', '123 456'],
    ['email', 'new@example.org'],
    ['preferredLanguage', 'pt-BR'],
    ['recordNumber', 'corrected'],
    ['phone', null],
    ['email', null],
    ['preferredLanguage', null],
  ])('changes %s to %s and keeps the rest', async (field, value) => {
    const id = await makePatient(receptionist, EVERYTHING);
    const before = await read(id);
    const { status, body, headers } = await receptionist.api.patch(`/api/patients/${id}`, { [field]: value }, '"1"');
    expect({ status, etag: headers.get('etag') }).toEqual({ status: 200, etag: '"2"' });
    expect(body).toEqual({ ...before, [field]: value, version: 2 });
    expect(await read(id)).toEqual(body);
  });

  it('composes and trims names as registration does', async () => {
    const id = await makePatient(receptionist);
    const { body } = await receptionist.api.patch(`/api/patients/${id}`, { givenName: ' Zoe\u0308 ' }, '"1"');
    expect(body.givenName).toBe('Zoë');
  });

  it('changes nothing with an empty body', async () => {
    const id = await makePatient(receptionist, EVERYTHING);
    const before = await read(id);
    const { status, body, headers } = await receptionist.api.patch(`/api/patients/${id}`, {}, '"1"');
    expect({ status, body, etag: headers.get('etag') }).toEqual({ status: 200, body: before, etag: '"1"' });
    expect((await receptionist.api.patch(`/api/patients/${id}`, {}, '"2"')).status).toBe(412);
  });

  it('wants to know which version it changes', async () => {
    const id = await makePatient(receptionist);
    const { status, body } = await receptionist.api.patch(`/api/patients/${id}`, { givenName: 'X' });
    expect({ status, code: body.code }).toEqual({ status: 428, code: 'precondition-required' });
    expect(await read(id)).toMatchObject({ givenName: 'Rosa', version: 1 });
  });

  it('refuses a version that somebody changed since', async () => {
    const id = await makePatient(receptionist);
    await receptionist.api.patch(`/api/patients/${id}`, { givenName: 'First' }, '"1"');
    const { status, body } = await receptionist.api.patch(`/api/patients/${id}`, { givenName: 'Second' }, '"1"');
    expect({ status, code: body.code }).toEqual({ status: 412, code: 'patient.changed' });
    expect(await read(id)).toMatchObject({ givenName: 'First', version: 2 });
  });

  it.each(['"0"', '"2"', '"999999999"'])('refuses the version %s, which isn’t the present one', async (ifMatch) => {
    const id = await makePatient(receptionist);
    expect((await receptionist.api.patch(`/api/patients/${id}`, { givenName: 'X' }, ifMatch)).status).toBe(412);
  });

  it.each(['W/"1"', '1', '*', '"1', '""', '"x"', '"1", "2"', '"-1"', '"1.0"', '"99999999999999999999"', "'1'", ' '])(
    'refuses the ETag %s',
    async (ifMatch) => {
      const id = await makePatient(receptionist);
      const { status, body } = await receptionist.api.patch(`/api/patients/${id}`, { givenName: 'X' }, ifMatch);
      expect({ status, field: body.errors?.[0]?.field }).toEqual({ status: 400, field: 'If-Match' });
      expect(await read(id)).toMatchObject({ givenName: 'Rosa', version: 1 });
    },
  );

  it('lets one of eight win who change the same version at once', async () => {
    const id = await makePatient(receptionist);
    const people = [receptionist, clinic.practitioner, clinic.colleague];
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        (people[index % 3] as Person).api.patch(`/api/patients/${id}`, { givenName: `Name ${index}` }, '"1"'),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(7).fill(412)]);
    const winner = answers.find(({ status }) => status === 200);
    // When it may be erased isn't for the reception, which reads here; a practitioner may have won.
    expect(await read(id)).toEqual({ ...winner?.body, erasableFrom: null });
  });

  it.each([
    ['givenName', null],
    ['familyName', null],
    ['birthDate', null],
    ['sex', null],
    ['recordNumber', null],
    ['givenName', ''],
    ['familyName', ' '],
    ['familyName', 'x'.repeat(101)],
    ['givenName', 'x\uFE0F'.repeat(60)],
    ['birthDate', '2026-02-30'],
    ['birthDate', '1899-12-31'],
    ['birthDate', '2999-01-01'],
    ['sex', 'F'],
    ['phone', ''],
    ['email', ''],
    ['preferredLanguage', ''],
    ['recordNumber', ''],
    ['recordNumber', 'x'.repeat(41)],
    ['id', '0198c0de-0000-7000-8000-000000000000'],
    ['version', 9],
    ['registeredAt', '2020-01-01T00:00:00Z'],
    ['latestConsentId', null],
    ['constructor', 'x'],
  ])('refuses %s %j', async (field, value) => {
    const id = await makePatient(receptionist, EVERYTHING);
    const before = await read(id);
    const { status, body } = await receptionist.api.patch(`/api/patients/${id}`, { phone: '999', [field]: value }, '"1"');
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'malformed' });
    expect(body.errors.map((error: { field: string }) => error.field)).toEqual([field]);
    expect(await read(id)).toEqual(before);
  });

  it.each(['[]', '7', '"x"', '{'])('refuses %s as a body', async (body) => {
    const id = await makePatient(receptionist);
    const answer = await receptionist.api.send('PATCH', `/api/patients/${id}`, body, {
      'content-type': 'application/json',
      'if-match': '"1"',
    });
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 400, code: 'malformed' });
  });

  it('refuses a record number that another patient has', async () => {
    await makePatient(receptionist, { recordNumber: 'taken' });
    const id = await makePatient(receptionist);
    const { status, body } = await receptionist.api.patch(`/api/patients/${id}`, { recordNumber: 'taken', givenName: 'X' }, '"1"');
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'patient.record-number-taken' });
    expect(await read(id)).toMatchObject({ givenName: 'Rosa', version: 1 });
  });

  it('knows no patient of another clinic', async () => {
    const id = await makePatient((await makeClinic(server)).receptionist);
    const elsewhere = await receptionist.api.patch(`/api/patients/${id}`, { givenName: 'X' }, '"1"');
    const unknown = await receptionist.api.patch('/api/patients/0198c0de-0000-7000-8000-000000000000', { givenName: 'X' }, '"1"');
    expect(elsewhere.status).toBe(404);
    expect({ ...elsewhere.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });
});
