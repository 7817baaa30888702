import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { ageAuthentication, said } from '../support/accounts.js';
import type { Answer } from '../support/api.js';
import {
  CONFIRMED,
  expire,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDiscussion,
  makePatient,
  makeRepresentative,
  makeRepresentedPatient,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { archive } from '../support/retention.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, PRIVILEGE, refusal } from '../support/sql.js';

const UNKNOWN = '01890000-0000-7000-8000-000000000000';
const REASONS = ['capacity_regained', 'came_of_age', 'revoked', 'discharged', 'died', 'recorded_in_error'];

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const end = (id: string, body: object = { reason: 'revoked' }, by: Person = clinic.receptionist): Promise<Answer> =>
  by.api.post(`/api/representatives/${id}/end`, body);
const consentOf = async (id: string) => (await clinic.practitioner.api.get(`/api/consents/${id}`)).body;
const representativesOf = async (patientId: string) =>
  (await clinic.receptionist.api.get(`/api/patients/${patientId}/representatives`)).body.items;
const by = (id: string) => ({ kind: 'representative', id });

describe('the end of an authority', () => {
  it('closes it at the server’s instant, with why and how that was checked', async () => {
    const patientId = await makePatient(clinic.receptionist);
    const id = await makeRepresentative(clinic.receptionist, patientId);
    const [before] = await representativesOf(patientId);
    expect(before.end).toBeNull();
    const { status, body } = await end(id, { reason: 'discharged', note: ' Order of the court seen.\nCase 17. ' });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      validUntil: body.end.at,
      end: {
        at: expect.any(String),
        reason: 'discharged',
        note: 'Order of the court seen.\nCase 17.',
        recordedBy: clinic.receptionist.id,
      },
    });
    expect(Math.abs(Date.now() - Date.parse(body.end.at as string))).toBeLessThan(60_000);
    expect(await representativesOf(patientId)).toEqual([body]);
  });

  it.each(REASONS)('has a reason: %s', async (reason) => {
    const id = await makeRepresentative(clinic.practitioner, await makePatient(clinic.practitioner));
    expect((await end(id, { reason }, clinic.practitioner)).body.end).toMatchObject({ reason, note: null });
  });

  it('comes before a known end, and leaves an authority that hasn’t begun without a period', async () => {
    const patientId = await makePatient(clinic.receptionist);
    const known = await makeRepresentative(clinic.receptionist, patientId, { validUntil: '2999-12-31' });
    const early = (await end(known)).body;
    expect(early.validUntil).toBe(early.end.at);
    const future = await makeRepresentative(clinic.receptionist, patientId, { validFrom: '2999-01-01' });
    const { body } = await end(future, { reason: 'recorded_in_error' });
    expect(body).toMatchObject({ validFrom: null, validUntil: body.end.at });
  });

  it('waits for no fresh authentication, and not for the record to be restored', async () => {
    const own = await makeClinic(server);
    const { patientId, representativeId, consentId } = await makeRepresentedPatient(own.practitioner);
    await archive(own, patientId);
    await ageAuthentication(server, own.receptionist, 600);
    expect((await end(representativeId, { reason: 'died' }, own.receptionist)).status).toBe(200);
    expect((await own.practitioner.api.get(`/api/consents/${consentId}`)).body.state).toBe('unrepresented');
  });

  it('ends the consent that the representative gave, at the same instant', async () => {
    const { patientId, representativeId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    const before = await consentOf(consentId);
    const { at } = (await end(representativeId)).body.end;
    expect(await consentOf(consentId)).toEqual({ ...before, state: 'unrepresented', inForceUntil: at });
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body).toMatchObject({
      allowed: false,
      consent: { state: 'unrepresented', until: at },
      blockers: [
        {
          code: 'consent.unrepresented',
          message: 'The authority of the representative who gave the consent has ended.',
          remedy:
            'Start a new discussion with the person who decides now, discuss every risk, and record their decision. End the session if one is open.',
        },
      ],
    });
    expect(await clinic.practitioner.api.post(`/api/patients/${patientId}/sessions`, CONFIRMED)).toMatchObject({
      status: 409,
      body: { code: 'session.refused', blockers: [{ code: 'consent.unrepresented' }] },
    });
  });

  it('stops the next manipulation of an open session, and leaves what was done', async () => {
    const { patientId, representativeId } = await makeRepresentedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const manipulate = () =>
      clinic.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, {
        region: 'lumbar',
        segment: 'L5',
        technique: 'mobilisation',
      });
    expect((await manipulate()).status).toBe(201);
    await end(representativeId);
    expect(said(await manipulate())).toEqual([409, 'consent.unrepresented']);
    expect((await clinic.practitioner.api.get(`/api/sessions/${sessionId}`)).body).toMatchObject({ endedAt: null, manipulations: [{}] });
    expect((await clinic.practitioner.api.post(`/api/sessions/${sessionId}/end`)).status).toBe(200);
    // It was covered when it started.
    const own = `/api/reports/disclosures/totals?patientId=${patientId}`;
    expect((await clinic.administrator.api.get(own)).body).toMatchObject({ sessions: 1, covered: 1 });
  });

  it('leaves consents that somebody else gave, and those that had ended', async () => {
    const patient = await makeClearedPatient(clinic.practitioner);
    await end(await makeRepresentative(clinic.practitioner, patient.patientId));
    expect((await consentOf(patient.consentId)).state).toBe('in_force');

    const { patientId, representativeId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    const father = await makeRepresentative(clinic.practitioner, patientId, { name: 'Luis García', relationship: 'father' });
    const newer = await makeConsent(clinic.practitioner, await makeDiscussion(clinic.practitioner, patientId), { decidedBy: by(father) });
    const replaced = await consentOf(consentId);
    await end(representativeId);
    expect(await consentOf(consentId)).toEqual(replaced);
    expect((await consentOf(newer)).state).toBe('in_force');
  });

  it('leaves nobody who decides or withdraws by it, and everybody else', async () => {
    const { patientId, representativeId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    await end(representativeId);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const decide = (id: string) =>
      clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, { decision: 'refused', decidedBy: by(id) });
    expect(said(await decide(representativeId))).toEqual([422, 'consent.authority']);
    const father = await makeRepresentative(clinic.practitioner, patientId, { relationship: 'father' });
    const newer = await makeConsent(clinic.practitioner, discussionId, { decidedBy: by(father) });
    const withdraw = (consent: string, withdrawnBy: object) =>
      clinic.practitioner.api.post(`/api/consents/${consent}/withdrawal`, { reason: 'No.', withdrawnBy });
    expect(said(await withdraw(newer, by(representativeId)))).toEqual([422, 'consent.authority']);
    expect(said(await withdraw(consentId, { kind: 'patient' }))).toEqual([409, 'consent.not-in-force']);
    expect((await withdraw(newer, { kind: 'patient' })).status).toBe(200);
  });

  it('is an event with its reason, and a step in the story of the consent', async () => {
    const { patientId, representativeId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    const { at } = (await end(representativeId, { reason: 'came_of_age', note: 'Passport seen.' })).body.end;
    const { items } = (await clinic.administrator.api.get(`/api/audit/events?patientId=${patientId}&action=update`)).body;
    expect((items as { subject: string }[]).slice(0, 2).map(({ subject }) => subject)).toEqual(['representatives', 'consents']);
    expect(items[0]).toMatchObject({
      subjectId: representativeId,
      patientId,
      staffId: clinic.receptionist.id,
      details: { new: { end_reason: 'came_of_age', end_note: 'Passport seen.', ended_by: clinic.receptionist.id } },
    });
    const story = (await clinic.administrator.api.get(`/api/consents/${consentId}/history`)).body;
    expect(story.items.at(-1)).toMatchObject({
      step: 'ended',
      staffId: clinic.receptionist.id,
      changes: expect.arrayContaining([
        { field: 'endedBecause', old: null, new: 'unrepresented' },
        { field: 'inForce', old: expect.any(Object), new: expect.objectContaining({ until: at }) },
      ]),
    });
  });

  it('counts as an entry: the record is kept from it on', async () => {
    const patientId = await makePatient(clinic.practitioner, { birthDate: '1954-01-01' });
    const id = await makeRepresentative(clinic.practitioner, patientId);
    await asSuperuser(server, `UPDATE app.patients SET registered_at = '2001-01-01' WHERE id = $1`, [patientId]);
    await asSuperuser(server, `UPDATE app.representatives SET recorded_at = '2001-01-01' WHERE id = $1`, [id]);
    const kept = async () => (await clinic.practitioner.api.get(`/api/patients/${patientId}`)).body.erasableFrom as string;
    expect(await kept()).toBe('2011-01-02');
    await end(id);
    expect(Number((await kept()).slice(0, 4))).toBeGreaterThan(new Date().getUTCFullYear() + 8);
  });

  it('happens once, however often the request is repeated', async () => {
    const id = await makeRepresentative(clinic.receptionist, await makePatient(clinic.receptionist));
    const key = { 'idempotency-key': randomUUID() };
    const send = () => clinic.receptionist.api.call('POST', `/api/representatives/${id}/end`, { reason: 'revoked' }, key);
    const [first, second] = [await send(), await send()];
    expect([second.status, second.body, second.headers.get('idempotent-replayed')]).toEqual([200, first.body, 'true']);
  });

  it('counts once of several at the same time', async () => {
    const { representativeId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    const answers = await Promise.all(REASONS.map((reason) => end(representativeId, { reason })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(5).fill(409)]);
    const { at } = answers.find(({ status }) => status === 200)?.body.end ?? {};
    expect((await consentOf(consentId)).inForceUntil).toBe(at);
  });
});

describe('the end of an authority is refused', () => {
  it('a second time, and the first one stays', async () => {
    const patientId = await makePatient(clinic.receptionist);
    const id = await makeRepresentative(clinic.receptionist, patientId);
    const { body } = await end(id);
    expect(said(await end(id, { reason: 'died' }))).toEqual([409, 'representative.already-ended']);
    expect(await representativesOf(patientId)).toEqual([body]);
  });

  it('of one that is over', async () => {
    const patientId = await makePatient(clinic.receptionist);
    const id = await makeRepresentative(clinic.receptionist, patientId);
    await expire(server, 'representatives', id);
    expect(said(await end(id))).toEqual([409, 'representative.authority-over']);
    expect(await representativesOf(patientId)).toMatchObject([{ end: null }]);
  });

  it('of one that doesn’t exist, and of another clinic’s', async () => {
    const { representativeId, consentId } = await makeRepresentedPatient(clinic.practitioner);
    const other = await makeClinic(server);
    for (const id of [representativeId, UNKNOWN]) {
      expect(said(await end(id, { reason: 'revoked' }, other.receptionist))).toEqual([404, 'not-found']);
    }
    expect((await consentOf(consentId)).state).toBe('in_force');
  });

  it.each([
    ['no reason', { reason: undefined }, 'reason'],
    ['another reason', { reason: 'other' }, 'reason'],
    ['two reasons', { reason: ['died', 'revoked'] }, 'reason'],
    ['an empty note', { note: ' \n' }, 'note'],
    ['a note of 2,001 characters', { note: 'n'.repeat(2001) }, 'note'],
    ['an instant of its own', { at: '2020-01-01T00:00:00Z' }, 'at'],
  ])('with %s', async (_, values, field) => {
    const patientId = await makePatient(clinic.receptionist);
    const id = await makeRepresentative(clinic.receptionist, patientId);
    expect(await end(id, { reason: 'revoked', ...values })).toMatchObject({
      status: 400,
      body: { code: 'malformed', errors: [{ field }] },
    });
    expect(await representativesOf(patientId)).toMatchObject([{ end: null }]);
  });
});

describe('in raw SQL as the application', () => {
  const ENDED = `UPDATE app.representatives SET end_reason = 'revoked' WHERE id = $1`;
  const as = (person: Person, statements: (client: Client) => Promise<unknown>, begin?: string) =>
    asApplication(server, person.token, statements, begin);

  it.each([
    [`SET end_reason = 'bored'`, 'representative_end_reason_known'],
    [`SET end_note = 'no reason'`, 'representative_end_whole'],
    [`SET end_reason = 'died', ended_at = '2020-01-01'`, PRIVILEGE],
    [`SET end_reason = 'died', valid = NULL`, PRIVILEGE],
    [`SET end_reason = 'died', ended_by = recorded_by`, PRIVILEGE],
  ])('%s is refused', async (set, rule) => {
    const { representativeId } = await makeRepresentedPatient(clinic.practitioner);
    const sql = `UPDATE app.representatives ${set} WHERE id = $1`;
    expect(await refusal(as(clinic.practitioner, (client) => client.query(sql, [representativeId])))).toBe(rule);
  });

  it.each([`end_reason = 'died'`, `end_note = 'another'`, 'end_reason = NULL', 'end_reason = NULL, end_note = NULL'])(
    'what was ended stays: SET %s',
    async (set) => {
      const { representativeId } = await makeRepresentedPatient(clinic.practitioner);
      const again = as(clinic.practitioner, async (client) => {
        await client.query(ENDED, [representativeId]);
        await client.query(`UPDATE app.representatives SET ${set} WHERE id = $1`, [representativeId]);
      });
      expect(await refusal(again)).toBe('authority_ended_once');
    },
  );

  it('nobody ends it without the permission, from another clinic, or from an old snapshot', async () => {
    const { representativeId } = await makeRepresentedPatient(clinic.practitioner);
    const other = await makeClinic(server);
    const rowsBy = (person: Person, begin?: string) =>
      as(person, (client) => client.query(ENDED, [representativeId]).then(({ rowCount }) => rowCount), begin);
    for (const person of [clinic.administrator, other.practitioner, other.receptionist]) expect(await rowsBy(person)).toBe(0);
    for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
      expect(await rowsBy(clinic.practitioner, `BEGIN ISOLATION LEVEL ${level}`)).toBe(0);
    }
    expect(await rowsBy(clinic.practitioner)).toBe(1);
  });
});
