import { CONFIRMED, makeClearedPatient, makeClinic, makeSession, type Person, makeStaff, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
let count = 0;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const UNKNOWN = '0198c0de-0000-7000-8000-000000000000';

/** A licence with a number of its own. */
function licence(values: Record<string, unknown> = {}): Record<string, unknown> {
  count += 1;
  return { profession: 'chiropractor', authority: 'General Chiropractic Council', number: `GCC ${count}`, ...values };
}

/** A clinic whose practitioner has no licence, but those that the test records. */
async function makeUnlicensed(): Promise<TestClinic> {
  const made = await makeClinic(server);
  const { body } = await made.administrator.api.get('/api/staff');
  for (const { licences } of body.items as { licences: { id: string; practitionerId: string }[] }[]) {
    for (const { id, practitionerId } of licences) {
      if (practitionerId === made.practitioner.id) await made.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'test' });
    }
  }
  return made;
}

async function licencesOf(by: Person, staffId: string): Promise<Record<string, unknown>[]> {
  const { body } = await by.api.get('/api/staff');
  return (body.items as { id: string; licences: Record<string, unknown>[] }[]).find(({ id }) => id === staffId)?.licences ?? [];
}

async function blockersOf(by: Person, patientId: string): Promise<string[]> {
  const { status, body } = await by.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED);
  expect(status).toBe(409);
  return (body.blockers as { code: string }[]).map(({ code }) => code);
}

async function expectStart(by: Person, patientId: string): Promise<void> {
  expect((await by.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).status).toBe(201);
}

const hours = (ahead: number) => new Date(Date.now() + ahead * 3_600_000).toISOString();

describe('POST /api/staff/{id}/licences', () => {
  it('answers with the licence, valid from now and open-ended', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const body = licence();
    const answer = await administrator.api.post(`/api/staff/${practitioner.id}/licences`, body);
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      ...body,
      id: expect.any(String),
      practitionerId: practitioner.id,
      validFrom: expect.any(String),
      validUntil: null,
      revokedAt: null,
      revocationReason: null,
    });
    expect(Math.abs(Date.parse(answer.body.validFrom) - Date.now())).toBeLessThan(60_000);
    expect((await licencesOf(administrator, practitioner.id))[0]).toEqual(answer.body);
  });

  it.each([
    ['Pacific/Kiritimati', '2026-01-01', '2026-12-31', '2025-12-31T10:00:00.000Z', '2026-12-31T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-01-01', '2026-12-31', '2026-01-01T11:00:00.000Z', '2027-01-01T11:00:00.000Z'],
    ['America/New_York', '2026-03-08', '2026-03-08', '2026-03-08T05:00:00.000Z', '2026-03-09T04:00:00.000Z'],
    ['America/New_York', '2026-03-08T02:30:00-05:00', '2026-12-31', '2026-03-08T07:30:00.000Z', '2027-01-01T05:00:00.000Z'],
  ])('reads in %s from %s until %s', async (timeZone, validFrom, validUntil, from, until) => {
    const { administrator, practitioner } = await makeClinic(server, { timeZone });
    const { body } = await administrator.api.post(`/api/staff/${practitioner.id}/licences`, licence({ validFrom, validUntil }));
    expect([body.validFrom, body.validUntil]).toEqual([from, until]);
  });

  it('allows a session from then on', async () => {
    const { administrator, practitioner, colleague } = await makeUnlicensed();
    const { patientId } = await makeClearedPatient(colleague);
    expect(await blockersOf(practitioner, patientId)).toEqual(['licence.revoked']);
    expect((await administrator.api.post(`/api/staff/${practitioner.id}/licences`, licence())).status).toBe(201);
    await expectStart(practitioner, patientId);
  });

  it.each([
    ['licence.none', []],
    ['licence.expired', [{ validFrom: hours(-48), validUntil: hours(-24) }]],
    ['licence.not-yet-valid', [{ validFrom: hours(24), validUntil: hours(48) }]],
  ])('refuses a session with %s', async (code, periods) => {
    const made = await makeClinic(server);
    const { patientId } = await makeClearedPatient(made.practitioner);
    const newcomer = await makeStaff(server, made);
    for (const period of periods) await made.administrator.api.post(`/api/staff/${newcomer.id}/licences`, licence(period));
    expect(await blockersOf(newcomer, patientId)).toEqual([code]);
    const clearance = await newcomer.api.get(`/api/patients/${patientId}/clearance`);
    expect(clearance.body).toMatchObject({ allowed: false, blockers: [{ code }], licence: { state: code.replace('licence.', '') } });
  });

  it('counts whichever licence is valid of several', async () => {
    const { administrator, practitioner, colleague } = await makeUnlicensed();
    const { patientId } = await makeClearedPatient(colleague);
    for (const period of [
      { validFrom: hours(-48), validUntil: hours(-24) },
      { validFrom: hours(-24), validUntil: hours(24) },
      { validFrom: hours(24), validUntil: hours(48) },
    ])
      await administrator.api.post(`/api/staff/${practitioner.id}/licences`, licence(period));
    await expectStart(practitioner, patientId);
  });

  it('takes a second profession, another authority and a renewal', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const first = licence({ validFrom: '2026-01-01', validUntil: '2026-12-31' });
    for (const values of [
      first,
      licence({ profession: 'physical_therapist', validFrom: '2026-01-01', validUntil: '2026-12-31' }),
      { ...first, authority: 'Another board' },
      { ...first, validFrom: '2027-01-01', validUntil: '2027-12-31' },
    ])
      expect((await administrator.api.post(`/api/staff/${practitioner.id}/licences`, values)).status).toBe(201);
    expect(await licencesOf(administrator, practitioner.id)).toHaveLength(5);
  });

  it.each([
    ['2026-01-01', '2026-12-31'],
    ['2026-12-31', '2027-12-31'],
    ['2025-01-01', '2026-01-01'],
    ['2026-06-01T00:00:00Z', '2026-06-01T00:00:01Z'],
    ['2020-01-01', undefined],
  ])('refuses the same licence again from %s until %s', async (validFrom, validUntil) => {
    const { administrator, practitioner } = await makeClinic(server);
    const first = licence({ validFrom: '2026-01-01', validUntil: '2026-12-31' });
    await administrator.api.post(`/api/staff/${practitioner.id}/licences`, first);
    const { status, body } = await administrator.api.post(`/api/staff/${practitioner.id}/licences`, { ...first, validFrom, validUntil });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'licence.already-recorded' });
    expect(await licencesOf(administrator, practitioner.id)).toHaveLength(2);
  });

  it('takes one of four that are recorded at once', async () => {
    const { administrator, practitioner } = await makeClinic(server);
    const body = licence();
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => administrator.api.post(`/api/staff/${practitioner.id}/licences`, body)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
  });

  it.each([
    ['profession', undefined],
    ['profession', null],
    ['profession', 'barber'],
    ['authority', undefined],
    ['authority', ''],
    ['authority', 'x'.repeat(201)],
    ['authority', 'x\uFE0F'.repeat(190)],
    ['number', undefined],
    ['number', ' '],
    ['number', 'x'.repeat(61)],
    ['number', 'a\0b'],
    ['number', 17],
    ['validFrom', '2026-02-30'],
    ['validFrom', '2026-01-01T00:00'],
    ['validUntil', '2025-02-29'],
    ['validUntil', '9999-12-31'],
    ['validUntil', '1999-12-31'],
    ['validUntil', ['2030-01-01']],
    ['practitionerId', UNKNOWN],
    ['revokedAt', '2030-01-01'],
  ] as [string, unknown][])('refuses %s %j', async (field, value) => {
    const { administrator, practitioner } = clinic;
    const { status, body } = await administrator.api.post(`/api/staff/${practitioner.id}/licences`, licence({ [field]: value }));
    expect({ status, fields: body.errors?.map((error: { field: string }) => error.field) }).toEqual({ status: 400, fields: [field] });
    expect(await licencesOf(administrator, practitioner.id)).toHaveLength(1);
  });

  it('knows nobody of another clinic', async () => {
    const { practitioner } = await makeClinic(server);
    const elsewhere = await clinic.administrator.api.post(`/api/staff/${practitioner.id}/licences`, licence());
    const unknown = await clinic.administrator.api.post(`/api/staff/${UNKNOWN}/licences`, licence());
    expect(elsewhere.status).toBe(404);
    expect({ ...elsewhere.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
  });
});

describe('POST /api/licences/{id}/revocation', () => {
  async function makeLicence({ administrator, practitioner }: TestClinic, values: Record<string, unknown> = {}): Promise<string> {
    return (await administrator.api.post(`/api/staff/${practitioner.id}/licences`, licence(values))).body.id as string;
  }

  it('ends the licence at once and says why', async () => {
    const made = await makeUnlicensed();
    const { administrator, practitioner } = made;
    const id = await makeLicence(made);
    const { patientId } = await makeClearedPatient(practitioner);
    await makeSession(practitioner, patientId);
    const { patientId: next } = await makeClearedPatient(practitioner);
    const { status, body } = await administrator.api.post(`/api/licences/${id}/revocation`, { reason: ' Struck off.\nCase 7 ' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, validUntil: body.revokedAt, revocationReason: 'Struck off.\nCase 7' });
    expect(Date.parse(body.revokedAt)).not.toBeNaN();
    expect(await blockersOf(practitioner, next)).toEqual(['licence.revoked']);
    expect((await licencesOf(administrator, practitioner.id))[0]).toEqual(body);
  });

  it('stops the next manipulation of an open session, and not its end', async () => {
    const made = await makeUnlicensed();
    const id = await makeLicence(made);
    const { patientId } = await makeClearedPatient(made.practitioner);
    const sessionId = await makeSession(made.practitioner, patientId);
    await made.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'Struck off.' });
    const body = { region: 'cervical', segment: 'C5', technique: 'mobilisation' };
    const refused = await made.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, body);
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 409, code: expect.stringMatching(/^licence\./) });
    expect((await made.practitioner.api.post(`/api/sessions/${sessionId}/end`)).status).toBe(200);
  });

  it('leaves another valid licence in force', async () => {
    const made = await makeUnlicensed();
    const id = await makeLicence(made);
    await makeLicence(made, { profession: 'physical_therapist' });
    const { patientId } = await makeClearedPatient(made.practitioner);
    await made.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'Struck off.' });
    await expectStart(made.practitioner, patientId);
  });

  it('leaves nothing of a licence that hasn’t begun', async () => {
    const made = await makeClinic(server);
    const id = await makeLicence(made, { validFrom: hours(24) });
    const { body } = await made.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'Recorded by mistake.' });
    expect(body).toMatchObject({ validFrom: null, validUntil: null, revocationReason: 'Recorded by mistake.' });
  });

  it('happens once, also when four ask at once', async () => {
    const made = await makeClinic(server);
    const id = await makeLicence(made);
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) => made.administrator.api.post(`/api/licences/${id}/revocation`, { reason: `Reason ${index}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const first = answers.find(({ status }) => status === 200);
    const again = await made.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'Again' });
    expect({ status: again.status, code: again.body.code }).toEqual({ status: 409, code: 'licence.already-revoked' });
    expect((await licencesOf(made.administrator, made.practitioner.id))[0]).toEqual(first?.body);
  });

  it.each([undefined, null, '', ' \n ', 'x'.repeat(1001), 'a\0b', 7, ['x']])('refuses the reason %j', async (reason) => {
    const id = await makeLicence(clinic);
    const { status, body } = await clinic.administrator.api.post(`/api/licences/${id}/revocation`, { reason });
    expect({ status, field: body.errors?.[0]?.field }).toEqual({ status: 400, field: 'reason' });
    expect((await licencesOf(clinic.administrator, clinic.practitioner.id))[0]).toMatchObject({ id, revokedAt: null });
    await clinic.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'Enough.' });
  });

  it('knows no licence of another clinic', async () => {
    const made = await makeClinic(server);
    const id = await makeLicence(made);
    const elsewhere = await clinic.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'x' });
    const unknown = await clinic.administrator.api.post(`/api/licences/${UNKNOWN}/revocation`, { reason: 'x' });
    expect(elsewhere.status).toBe(404);
    expect({ ...elsewhere.body, requestId: '' }).toEqual({ ...unknown.body, requestId: '' });
    expect((await licencesOf(made.administrator, made.practitioner.id))[0]).toMatchObject({ id, revokedAt: null });
  });
});
