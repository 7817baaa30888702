import type { Answer } from '../support/api.js';
import { withClient } from '../support/database.js';
import {
  expire,
  GIVEN,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeScreening,
  setPolicy,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const HOUR = 3_600_000;
const YEAR = new Date().getUTCFullYear();
/** 15 or 16 years old. */
const MINOR = `${YEAR - 16}-06-01`;
const isLeap = (year: number) => new Date(Date.UTC(year, 1, 29)).getUTCMonth() === 1;

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

async function makeInformed(birthDate: string, { practitioner } = clinic): Promise<{ patientId: string; discussionId: string }> {
  const patientId = await makePatient(practitioner, { birthDate });
  await makeScreening(practitioner, patientId);
  return { patientId, discussionId: await makeDiscussion(practitioner, patientId) };
}

const decide = (discussionId: string, values: object = {}, { practitioner } = clinic): Promise<Answer> =>
  practitioner.api.post(`/api/discussions/${discussionId}/consent`, { ...GIVEN, ...values });
const by = (id: string) => ({ decidedBy: { kind: 'representative', id } });
const WITHOUT_CAPACITY = { capacityConfirmed: false };

describe('a minor', () => {
  it('doesn’t consent alone', async () => {
    const { discussionId } = await makeInformed(MINOR);
    expect(await decide(discussionId)).toMatchObject({ status: 422, body: { code: 'consent.minor' } });
  });

  it.each([true, false])('consents through a representative, with capacity or without (%s)', async (capacityConfirmed) => {
    const { patientId, discussionId } = await makeInformed(MINOR);
    const id = await makeRepresentative(clinic.practitioner, patientId);
    expect(await decide(discussionId, { ...by(id), capacityConfirmed })).toMatchObject({
      status: 201,
      body: { ...by(id), capacityConfirmed, state: 'in_force' },
    });
  });

  it('refuses alone', async () => {
    const { discussionId } = await makeInformed(MINOR);
    expect((await decide(discussionId, { decision: 'refused' })).body).toMatchObject({ state: 'refused' });
  });

  it('is who the policy says', async () => {
    const other = await makeClinic(server);
    await setPolicy(server, other, { adult_age_years: 16 });
    const { discussionId } = await makeInformed(`${YEAR - 17}-01-01`, other);
    expect((await decide(discussionId, {}, other)).status).toBe(201);
    const younger = await makeInformed(`${YEAR - 14}-01-01`, other);
    expect(await decide(younger.discussionId, {}, other)).toMatchObject({ status: 422, body: { code: 'consent.minor' } });
  });
});

describe('the coming of age', () => {
  it('is the birthday in the clinic’s time zone, from its first instant', async () => {
    const { ahead, behind } = zonesOnDifferentDays();
    const clinics = [await makeClinic(server, { timeZone: ahead.name }), await makeClinic(server, { timeZone: behind.name })] as const;
    // 16, so that somebody born on 29 February has the birthday on every 29 February that this test may run on.
    for (const one of clinics) await setPolicy(server, one, { adult_age_years: 16 });
    const birthDate = `${Number(ahead.today.slice(0, 4)) - 16}${ahead.today.slice(4)}`;

    const adult = await makeInformed(birthDate, clinics[0]);
    expect((await decide(adult.discussionId, {}, clinics[0])).status).toBe(201);

    const minor = await makeInformed(birthDate, clinics[1]);
    expect(await decide(minor.discussionId, {}, clinics[1])).toMatchObject({ status: 422, body: { code: 'consent.minor' } });
    const id = await makeRepresentative(clinics[1].practitioner, minor.patientId);
    expect(await decide(minor.discussionId, by(id), clinics[1])).toMatchObject({
      status: 201,
      body: { inForceUntil: new Date(Date.parse(`${ahead.today}T00:00:00Z`) - behind.hours * HOUR).toISOString() },
    });
  });

  it('of somebody born on 29 February is 1 March in other years, and ends what a representative decided', async () => {
    const other = await makeClinic(server);
    const year = [YEAR + 1, YEAR + 2].find((year) => !isLeap(year)) ?? 0;
    const age = [14, 15, 16, 17].find((age) => isLeap(year - age)) ?? 0;
    await setPolicy(server, other, { adult_age_years: age, consent_valid_days: 1096 });
    const { patientId, discussionId } = await makeInformed(`${year - age}-02-29`, other);
    const id = await makeRepresentative(other.practitioner, patientId);
    expect((await decide(discussionId, by(id), other)).body.inForceUntil).toBe(`${year}-03-01T00:00:00.000Z`);
  });

  it.each([
    ['2008-02-29', 18, 'UTC', '2026-03-01T00:00:00.000Z'],
    ['2008-02-29', 20, 'UTC', '2028-02-29T00:00:00.000Z'],
    ['2008-02-28', 18, 'UTC', '2026-02-28T00:00:00.000Z'],
    ['2008-03-01', 18, 'UTC', '2026-03-01T00:00:00.000Z'],
    ['2008-07-01', 18, 'Europe/London', '2026-06-30T23:00:00.000Z'],
    ['2008-12-31', 18, 'Pacific/Kiritimati', '2026-12-30T10:00:00.000Z'],
    ['2008-01-01', 18, 'Pacific/Pago_Pago', '2026-01-01T11:00:00.000Z'],
    ['2008-02-29', 18, 'Asia/Kathmandu', '2026-02-28T18:15:00.000Z'],
  ])('of somebody born on %s, at %i, in %s is %s', async (birthDate, years, timeZone, instant) => {
    const { rows } = await withClient(server.database.superuser, (client) =>
      client.query<{ at: Date }>('SELECT app.comes_of_age($1, $2, $3) AS at', [birthDate, years, timeZone]),
    );
    expect(rows[0]?.at.toISOString()).toBe(instant);
  });
});

describe('an adult', () => {
  const ADULT = `${YEAR - 40}-01-01`;

  it('with capacity isn’t represented', async () => {
    const { patientId, discussionId } = await makeInformed(ADULT);
    const id = await makeRepresentative(clinic.practitioner, patientId);
    expect(await decide(discussionId, by(id))).toMatchObject({ status: 422, body: { code: 'consent.not-representable' } });
  });

  it('without capacity consents through a representative, for as long as the policy says', async () => {
    const { patientId, discussionId } = await makeInformed(ADULT);
    const id = await makeRepresentative(clinic.practitioner, patientId, { relationship: 'attorney', authority: 'power of attorney' });
    expect(await decide(discussionId, WITHOUT_CAPACITY)).toMatchObject({ status: 422, body: { code: 'consent.capacity' } });
    const { status, body } = await decide(discussionId, { ...by(id), ...WITHOUT_CAPACITY });
    expect(status).toBe(201);
    expect(Date.parse(body.inForceUntil as string) - Date.parse(body.inForceFrom as string)).toBe(365 * 24 * HOUR);
  });
});

describe('the authority of a representative', () => {
  it.each([
    ['is over', { validFrom: '2020-01-01', validUntil: '2020-12-31' }],
    ['hasn’t begun', { validFrom: `${YEAR + 1}-06-01` }],
  ])('that %s gives no consent and no refusal', async (_, period) => {
    const { patientId, discussionId } = await makeInformed(MINOR);
    const id = await makeRepresentative(clinic.practitioner, patientId, period);
    for (const decision of ['given', 'refused']) {
      expect(await decide(discussionId, { ...by(id), decision })).toMatchObject({ status: 422, body: { code: 'consent.authority' } });
    }
  });

  it('that ended a moment ago gives no consent', async () => {
    const { patientId, discussionId } = await makeInformed(MINOR);
    const id = await makeRepresentative(clinic.practitioner, patientId);
    await expire(server, 'representatives', id);
    expect(await decide(discussionId, by(id))).toMatchObject({ status: 422, body: { code: 'consent.authority' } });
  });

  it('is for one patient only', async () => {
    const [one, another] = [await makeInformed(MINOR), await makeInformed(MINOR)];
    const id = await makeRepresentative(clinic.practitioner, another.patientId);
    expect(await decide(one.discussionId, by(id))).toMatchObject({ status: 422, body: { code: 'consent.authority' } });
    const elsewhere = await makeClinic(server);
    const foreign = await makeRepresentative(elsewhere.practitioner, (await makeInformed(MINOR, elsewhere)).patientId);
    expect(await decide(one.discussionId, by(foreign))).toMatchObject({ status: 422, body: { code: 'consent.authority' } });
  });

  it('ends the consent that rests on it', async () => {
    const { patientId, discussionId } = await makeInformed(MINOR);
    const validUntil = new Date(Date.now() + 12 * HOUR).toISOString();
    const id = await makeRepresentative(clinic.practitioner, patientId, { validUntil });
    expect((await decide(discussionId, by(id))).body.inForceUntil).toBe(validUntil);
  });
});

describe('a corrected birth date', () => {
  const correct = async (patientId: string, birthDate: string) => {
    const { headers } = await clinic.practitioner.api.get(`/api/patients/${patientId}`);
    const answer = await clinic.practitioner.api.patch(`/api/patients/${patientId}`, { birthDate }, headers.get('etag') ?? '');
    expect(answer.status).toBe(200);
    return (await clinic.practitioner.api.get(`/api/patients/${patientId}/consents`)).body.items[0].state;
  };

  it('ends what somebody decided alone who was a minor', async () => {
    const { patientId, discussionId } = await makeInformed(`${YEAR - 30}-01-01`);
    await makeConsent(clinic.practitioner, discussionId);
    expect(await correct(patientId, `${YEAR - 30}-01-02`)).toBe('in_force');
    expect(await correct(patientId, MINOR)).toBe('outdated');
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body.blockers).toMatchObject([
      { code: 'consent.outdated' },
    ]);
  });

  it('ends what a representative decided for somebody who was of age', async () => {
    const { patientId, discussionId } = await makeInformed(`${YEAR - 10}-01-01`);
    await makeConsent(clinic.practitioner, discussionId, by(await makeRepresentative(clinic.practitioner, patientId)));
    expect(await correct(patientId, `${YEAR - 9}-01-01`)).toBe('in_force');
    expect(await correct(patientId, `${YEAR - 19}-01-01`)).toBe('outdated');
  });

  it('leaves what a representative decided for an adult without capacity', async () => {
    const { patientId, discussionId } = await makeInformed(`${YEAR - 80}-01-01`);
    const id = await makeRepresentative(clinic.practitioner, patientId);
    await makeConsent(clinic.practitioner, discussionId, { ...by(id), ...WITHOUT_CAPACITY });
    expect(await correct(patientId, `${YEAR - 81}-01-01`)).toBe('in_force');
  });
});

/** Two time zones in which it is another day now, and midnight is an hour away or more in both. */
function zonesOnDifferentDays() {
  const zones = Array.from({ length: 27 }, (_, index) => {
    const hours = index - 12;
    const local = new Date(Date.now() + hours * HOUR);
    // The signs of these names are POSIX's: Etc/GMT-14 is 14 hours ahead of UTC.
    return {
      hours,
      name: `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`,
      today: local.toISOString().slice(0, 10),
      hour: local.getUTCHours(),
    };
  }).filter(({ hour }) => hour >= 1 && hour <= 22);
  const [behind, ahead] = [zones[0], zones.at(-1)];
  if (!behind || !ahead || behind.today === ahead.today) throw new Error('There are always such zones.');
  return { ahead, behind };
}
