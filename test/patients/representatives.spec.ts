import { makeClinic, makePatient, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const MOTHER = { name: 'Ana García', relationship: 'mother', authority: 'parental responsibility, birth certificate seen' };
const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';

describe('POST /api/patients/{id}/representatives', () => {
  it('answers with the representative, valid from now and open-ended', async () => {
    const { receptionist } = clinic;
    const patientId = await makePatient(receptionist);
    const before = Date.now();
    const { status, body } = await receptionist.api.post(`/api/patients/${patientId}/representatives`, MOTHER);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...MOTHER,
      id: expect.any(String),
      patientId,
      validFrom: expect.any(String),
      validUntil: null,
      recordedAt: expect.any(String),
      end: null,
    });
    expect(Date.parse(body.validFrom)).toBeGreaterThanOrEqual(before - 1000);
    expect(Date.parse(body.validFrom)).toBeLessThanOrEqual(Date.now() + 1000);
    expect((await receptionist.api.get(`/api/patients/${patientId}/representatives`)).body).toEqual({ items: [body] });
  });

  it.each([
    // [time zone, validFrom, validUntil, the instants]
    ['Europe/London', '2026-01-01', '2026-06-30', '2026-01-01T00:00:00.000Z', '2026-06-30T23:00:00.000Z'],
    ['Pacific/Kiritimati', '2026-07-01', '2026-07-01', '2026-06-30T10:00:00.000Z', '2026-07-01T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-07-01', '2026-07-01', '2026-07-01T11:00:00.000Z', '2026-07-02T11:00:00.000Z'],
    ['Asia/Kathmandu', '2026-07-01', null, '2026-06-30T18:15:00.000Z', null],
    // Clocks go forward at midnight, so that this day begins at one o'clock.
    ['Asia/Beirut', '2025-03-30', '2025-03-30', '2025-03-29T22:00:00.000Z', '2025-03-30T21:00:00.000Z'],
    ['Europe/London', '2024-02-29', '2028-02-29', '2024-02-29T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
    ['Asia/Tokyo', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01+00:00', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z'],
    ['Asia/Tokyo', '2026-01-01T12:30:00.250-03:30', null, '2026-01-01T16:00:00.250Z', null],
    ['Asia/Tokyo', '2026-01-01T12:00:00Z', '2026-01-01', '2026-01-01T12:00:00.000Z', '2026-01-01T15:00:00.000Z'],
    ['Europe/London', '1900-01-01', '2999-12-31', '1900-01-01T00:00:00.000Z', '3000-01-01T00:00:00.000Z'],
    ['UTC', '2026-01-01', null, '2026-01-01T00:00:00.000Z', null],
  ])('reads in %s from %s until %s', async (timeZone, validFrom, validUntil, from, until) => {
    const { receptionist } = await makeClinic(server, { timeZone });
    const patientId = await makePatient(receptionist);
    const { status, body } = await receptionist.api.post(`/api/patients/${patientId}/representatives`, {
      ...MOTHER,
      validFrom,
      ...(validUntil === null ? {} : { validUntil }),
    });
    expect({ status, from: body.validFrom, until: body.validUntil }).toEqual({ status: 201, from, until });
  });

  it.each([
    ['2026-01-02', '2026-01-01'],
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00+02:00', '2025-12-31T21:59:59Z'],
    ['2026-01-02T00:00:00Z', '2026-01-01'],
    [undefined, '2020-01-01'],
  ])('refuses a period from %s until %s', async (validFrom, validUntil) => {
    const { receptionist } = clinic;
    const patientId = await makePatient(receptionist);
    const { status, body } = await receptionist.api.post(`/api/patients/${patientId}/representatives`, {
      ...MOTHER,
      validFrom,
      validUntil,
    });
    expect({ status, field: body.errors?.[0]?.field }).toEqual({ status: 400, field: 'validUntil' });
    expect((await receptionist.api.get(`/api/patients/${patientId}/representatives`)).body).toEqual({ items: [] });
  });

  it.each([
    ...['name', 'relationship', 'authority'].flatMap((field): [string, unknown][] => [
      [field, undefined],
      [field, null],
      [field, ''],
      [field, '  '],
      [field, 'x'.repeat(301)],
      [field, 'x\uFE0F'.repeat(290)],
      [field, 'two\nlines'],
      [field, 'a\u0000b'],
      [field, 1],
      [field, ['x']],
    ]),
    ...['validFrom', 'validUntil'].flatMap((field): [string, unknown][] => [
      [field, '2026-02-30'],
      [field, '2025-02-29'],
      [field, '2026-02-30T00:00:00Z'],
      [field, '2026-01-01T00:00:00'],
      [field, '2026-01-01T24:00:00Z'],
      [field, '2026-01-01T00:60:00Z'],
      [field, '2026-01-01T00:00:60Z'],
      [field, '2026-01-01 00:00:00Z'],
      [field, '2026-01-01T00:00:00+15:00'],
      [field, '2026-01-01T00:00:00.1234567Z'],
      [field, '0000-01-01'],
      [field, '10000-01-01'],
      [field, '1899-12-31'],
      [field, '3000-01-01'],
      [field, '9999-12-31'],
      [field, '9999-12-31T23:59:59-14:00'],
      [field, 'infinity'],
      [field, 'now'],
      [field, ''],
      [field, 1_767_225_600_000],
      [field, { date: '2026-01-01' }],
    ]),
    ['patientId', UNKNOWN],
    ['recordedAt', '2026-01-01T00:00:00Z'],
  ] as [string, unknown][])('refuses %s %j', async (field, value) => {
    const { receptionist } = clinic;
    const patientId = await makePatient(receptionist);
    const { status, body } = await receptionist.api.post(`/api/patients/${patientId}/representatives`, { ...MOTHER, [field]: value });
    expect({ status, fields: body.errors?.map((error: { field: string }) => error.field) }).toEqual({ status: 400, fields: [field] });
    expect((await receptionist.api.get(`/api/patients/${patientId}/representatives`)).body).toEqual({ items: [] });
  });

  it('knows no patient of another clinic', async () => {
    const patientId = await makePatient((await makeClinic(server)).receptionist);
    const elsewhere = await clinic.receptionist.api.post(`/api/patients/${patientId}/representatives`, MOTHER);
    const unknown = await clinic.receptionist.api.post(`/api/patients/${UNKNOWN}/representatives`, MOTHER);
    expect(elsewhere.status).toBe(404);
    expect({ ...elsewhere.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });
});

describe('GET /api/patients/{id}/representatives', () => {
  it('lists the patient’s own, newest first', async () => {
    const { receptionist } = clinic;
    const [patientId, other] = [await makePatient(receptionist), await makePatient(receptionist)];
    for (const name of ['First', 'Second', 'Third'])
      await receptionist.api.post(`/api/patients/${patientId}/representatives`, { ...MOTHER, name });
    await receptionist.api.post(`/api/patients/${other}/representatives`, { ...MOTHER, name: 'Other' });
    const { status, body } = await receptionist.api.get(`/api/patients/${patientId}/representatives`);
    expect({ status, names: body.items.map(({ name }: { name: string }) => name) }).toEqual({
      status: 200,
      names: ['Third', 'Second', 'First'],
    });
  });

  it('knows no patient of another clinic', async () => {
    const patientId = await makePatient((await makeClinic(server)).receptionist);
    for (const id of [patientId, UNKNOWN]) {
      const { status, body } = await clinic.receptionist.api.get(`/api/patients/${id}/representatives`);
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'not-found' });
    }
  });
});
