import type { Answer } from '../support/api.js';
import {
  expire,
  GIVEN,
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeScreening,
  SIGNATURE,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';

const UNKNOWN = '01890000-0000-7000-8000-000000000000';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

/** A patient who was told every risk, save those left out, and hasn't decided. */
async function makeInformed(leaveOut: string[] = []): Promise<{ patientId: string; discussionId: string }> {
  const patientId = await makePatient(clinic.practitioner);
  await makeScreening(clinic.practitioner, patientId);
  return { patientId, discussionId: await makeDiscussion(clinic.practitioner, patientId, {}, leaveOut) };
}

const decide = (discussionId: string, values: object = {}): Promise<Answer> =>
  clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, { ...GIVEN, ...values });
const get = async (consentId: string) => (await clinic.practitioner.api.get(`/api/consents/${consentId}`)).body;
const list = async (patientId: string) => (await clinic.practitioner.api.get(`/api/patients/${patientId}/consents`)).body.items;
const clearance = async (patientId: string) => (await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body;

describe('a consent', () => {
  it('covers every region discussed, for as long as the policy says', async () => {
    const { discussionId } = await makeInformed();
    const { body } = await decide(discussionId);
    expect(body).toMatchObject({ decision: 'given', state: 'in_force', regions: ['cervical', 'lumbar'], inForceFrom: body.decidedAt });
    expect(Date.parse(body.inForceUntil as string) - Date.parse(body.inForceFrom as string)).toBe(365 * 86_400_000);
  });

  it('covers the regions named, where it is given in part', async () => {
    const { patientId, discussionId } = await makeInformed();
    expect(await decide(discussionId, { regions: ['lumbar'] })).toMatchObject({ status: 201, body: { regions: ['lumbar'] } });
    expect(await clearance(patientId)).toMatchObject({ allowed: true, consentedRegions: ['lumbar'] });
  });

  it('is bound by hash to what was shown, and to the signature', async () => {
    const [one, another, unsigned] = [await makeInformed(), await makeInformed(), await makeInformed()];
    const signed = (await decide(one.discussionId)).body;
    const other = (await decide(another.discussionId)).body;
    const refused = (await decide(unsigned.discussionId, { decision: 'refused', signature: undefined })).body;
    // The instants at which the risks were discussed are part of what was shown.
    const hashes = [signed.shownSha256, signed.signedSha256, other.shownSha256, other.signedSha256, refused.shownSha256] as string[];
    expect(hashes.filter((hash) => /^[0-9a-f]{64}$/.test(hash))).toHaveLength(5);
    expect(new Set(hashes).size).toBe(5);
    expect(refused.signedSha256).toBeNull();
    expect(await get(signed.id as string)).toEqual(signed);
  });

  it('keeps a signature of 5 kB as it was drawn, and a witness', async () => {
    const strokes = Array.from({ length: 12 }, (_, stroke) =>
      Array.from({ length: 26 }, (_, point) => [stroke * 7 + point / 8, -0.125 * point + 0.1, stroke * 500 + point * 16]),
    );
    const values = {
      signature: { name: 'Роза Гарсия', strokes },
      witness: { name: 'Wim Witness', strokes: SIGNATURE.strokes },
      teachBack: 'Μπορεί να πονάω.\nSehr selten: ein Schlaganfall. 😬',
    };
    expect(JSON.stringify(values.signature).length).toBeGreaterThan(5000);
    const { discussionId } = await makeInformed();
    const { body } = await decide(discussionId, values);
    expect(body).toMatchObject(values);
    expect(await get(body.id as string)).toEqual(body);
  });

  it.each([
    ['a name that was typed', { signature: { name: 'Rosa García', strokes: [] } }],
    [
      '200 strokes of 25 points',
      { signature: { name: 'R', strokes: Array.from({ length: 200 }, () => Array.from({ length: 25 }, () => [1, 2, 3])) } },
    ],
    ['an empty stroke', { signature: { name: 'R', strokes: [[]] } }],
    ['a witness who only gives a name', { witness: { name: 'Wim Witness' } }],
  ])('takes %s', async (_, values) => {
    const { discussionId } = await makeInformed();
    const { status, body } = await decide(discussionId, values);
    expect(status).toBe(201);
    expect(await get(body.id as string)).toMatchObject(values);
  });
});

describe('a refusal', () => {
  it('is recorded, and nothing is in force', async () => {
    const { patientId, discussionId } = await makeInformed();
    const { status, body } = await decide(discussionId, { decision: 'refused' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ decision: 'refused', state: 'refused', regions: [], inForceFrom: null, inForceUntil: null });
    expect(await clearance(patientId)).toMatchObject({ allowed: false, blockers: [{ code: 'consent.refused' }], consentedRegions: [] });
  });

  it('needs no more than who decided', async () => {
    const { discussionId } = await makeInformed(['stroke', 'headache']);
    const body = { decision: 'refused', decidedBy: { kind: 'patient' } };
    expect(await clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, body)).toMatchObject({
      status: 201,
      body: { ...body, teachBack: null, signature: null, witness: null, capacityConfirmed: false },
    });
  });
});

describe('a consent that lacks something is refused', () => {
  it.each([
    ['capacity', { capacityConfirmed: false }, 'consent.capacity'],
    ['a word on capacity', { capacityConfirmed: undefined }, 'consent.capacity'],
    ['the alternatives', { alternativesDiscussed: false }, 'consent.alternatives-not-discussed'],
    ['a word on alternatives', { alternativesDiscussed: undefined }, 'consent.alternatives-not-discussed'],
    ['the right to withdraw', { rightToWithdrawTold: false }, 'consent.right-to-withdraw-not-told'],
    ['a word on the right to withdraw', { rightToWithdrawTold: undefined }, 'consent.right-to-withdraw-not-told'],
    ['a teach-back', { teachBack: undefined }, 'consent.no-teach-back'],
    ['a signature', { signature: undefined }, 'consent.no-signature'],
    ['regions within the discussion', { regions: ['lumbar', 'pelvic'] }, 'consent.regions'],
    [
      'a representative of this patient',
      { decidedBy: { kind: 'representative', id: UNKNOWN }, capacityConfirmed: false },
      'consent.authority',
    ],
    ['the patient’s own decision', { decidedBy: { kind: 'representative', id: UNKNOWN } }, 'consent.not-representable'],
  ])('%s', async (_, values, code) => {
    const { patientId, discussionId } = await makeInformed();
    expect(await decide(discussionId, values)).toMatchObject({
      status: 422,
      body: { code, title: expect.stringMatching(/\S/), detail: expect.stringMatching(/\S/) },
    });
    expect(await list(patientId)).toEqual([]);
    expect((await decide(discussionId)).status).toBe(201);
  });

  it('every risk discussed: it names those that are missing', async () => {
    const { patientId, discussionId } = await makeInformed(['stroke', 'headache']);
    expect(await decide(discussionId)).toMatchObject({
      status: 422,
      body: { code: 'consent.risks-not-discussed', missing: ['headache', 'stroke'] },
    });
    expect(await list(patientId)).toEqual([]);
  });

  it('and leaves the consent in force that the patient gave before', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    await decide(discussionId, { teachBack: undefined });
    expect(await get(consentId)).toMatchObject({ state: 'in_force' });
    expect(await clearance(patientId)).toMatchObject({ allowed: true });
  });
});

describe('a malformed decision', () => {
  const points = (count: number) => Array.from({ length: count }, () => [1, 2, 3]);
  const strokes = (value: unknown) => ({ signature: { name: 'R', strokes: value } });

  it.each([
    ['another decision', { decision: 'maybe' }, 'decision'],
    ['no decision', { decision: undefined }, 'decision'],
    ['no region', { regions: [] }, 'regions'],
    ['an unknown region', { regions: ['head'] }, 'regions'],
    ['a region twice', { regions: ['lumbar', 'lumbar'] }, 'regions'],
    ['nobody who decided', { decidedBy: undefined }, 'decidedBy'],
    ['null as who decided', { decidedBy: null }, 'decidedBy'],
    ['a list of who decided', { decidedBy: [{ kind: 'patient' }] }, 'decidedBy'],
    ['another decider', { decidedBy: { kind: 'spouse' } }, 'decidedBy.kind'],
    ['a representative without id', { decidedBy: { kind: 'representative' } }, 'decidedBy.id'],
    ['a representative of an id that isn’t one', { decidedBy: { kind: 'representative', id: '7' } }, 'decidedBy.id'],
    ['the patient with a representative’s id', { decidedBy: { kind: 'patient', id: UNKNOWN } }, 'decidedBy.id'],
    ['“yes” as capacity', { capacityConfirmed: 'yes' }, 'capacityConfirmed'],
    ['an empty teach-back', { teachBack: ' \n' }, 'teachBack'],
    ['a teach-back of 4,001 characters', { teachBack: 't'.repeat(4001) }, 'teachBack'],
    ['a signature without name', { signature: { strokes: [] } }, 'signature.name'],
    ['a signature with an empty name', { signature: { name: ' ', strokes: [] } }, 'signature.name'],
    ['a signature without strokes', { signature: { name: 'R' } }, 'signature.strokes'],
    ['a list of signatures', { signature: [SIGNATURE] }, 'signature'],
    ['201 strokes', strokes(Array.from({ length: 201 }, () => [])), 'signature.strokes'],
    ['5,001 points', strokes([points(2500), points(2501)]), 'signature.strokes'],
    ['a stroke that isn’t a list', strokes([{ x: 1, y: 2 }]), 'signature.strokes'],
    ['points that aren’t lists', strokes([[1, 2, 3]]), 'signature.strokes'],
    ['a point of two numbers', strokes([[[1, 2]]]), 'signature.strokes'],
    ['a point of four numbers', strokes([[[1, 2, 3, 4]]]), 'signature.strokes'],
    ['a point of text', strokes([[['1', '2', '3']]]), 'signature.strokes'],
    ['a point of nulls', strokes([[[null, null, null]]]), 'signature.strokes'],
    ['a point far off', strokes([[[1e9, 0, 0]]]), 'signature.strokes'],
    ['points of points', strokes([[[[1], [2], [3]]]]), 'signature.strokes'],
    ['strokes that aren’t a list', strokes('M 1 2 L 3 4'), 'signature.strokes'],
    ['an unknown key in a signature', { signature: { ...SIGNATURE, image: 'data:' } }, 'signature.image'],
    ['a witness without name', { witness: {} }, 'witness.name'],
    ['a witness who drew too much', { witness: { name: 'W', strokes: [points(5001)] } }, 'witness.strokes'],
    ['a list of witnesses', { witness: [{ name: 'W' }] }, 'witness'],
    ['an instant of its own', { decidedAt: '2020-01-01T00:00:00Z' }, 'decidedAt'],
    ['a period of its own', { inForceUntil: '2099-01-01T00:00:00Z' }, 'inForceUntil'],
  ])('with %s names its field', async (_, values, field) => {
    const { patientId, discussionId } = await makeInformed();
    expect(await decide(discussionId, values)).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field }] } });
    expect(await list(patientId)).toEqual([]);
  });

  it.each(['1e999', '-1e999', '1e400'])('with a number that isn’t finite (%s) names its field', async (number) => {
    const { discussionId } = await makeInformed();
    const body = JSON.stringify({ ...GIVEN, ...strokes([[['x', 0, 0]]]) }).replace('"x"', number);
    expect(
      await clinic.practitioner.api.send('POST', `/api/discussions/${discussionId}/consent`, body, { 'content-type': 'application/json' }),
    ).toMatchObject({ status: 400, body: { errors: [{ field: 'signature.strokes' }] } });
  });

  it.each([
    ['nested a thousand deep', `{"decision":${'['.repeat(1000)}${']'.repeat(1000)}}`],
    ['with a prototype', '{"__proto__":{"decision":"given"},"decidedBy":{"kind":"patient"}}'],
    ['with a constructor', '{"constructor":{"prototype":{"decision":"given"}}}'],
    ['cut off', '{"decision":"given"'],
  ])('%s is refused', async (_, body) => {
    const { discussionId } = await makeInformed();
    expect(
      await clinic.practitioner.api.send('POST', `/api/discussions/${discussionId}/consent`, body, { 'content-type': 'application/json' }),
    ).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });
});

describe('a further decision', () => {
  it('on the same discussion is refused', async () => {
    const { patientId, discussionId } = await makeInformed();
    const { body } = await decide(discussionId);
    expect(await decide(discussionId, { decision: 'refused' })).toMatchObject({ status: 409, body: { code: 'discussion.decided' } });
    expect(await get(body.id as string)).toEqual(body);
    expect(await list(patientId)).toHaveLength(1);
  });

  it.each(['given', 'refused'])('on another discussion ends the earlier consent at its instant (%s)', async (decision) => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    const earlier = await get(consentId);
    const { body } = await decide(await makeDiscussion(clinic.practitioner, patientId), { decision });
    expect(await get(consentId)).toEqual({ ...earlier, state: 'replaced', inForceUntil: body.decidedAt });
    expect((await clearance(patientId)).consent.state).toBe(decision === 'given' ? 'in_force' : 'refused');
  });

  it('doesn’t touch a consent that has expired', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await expire(server, 'consents', consentId);
    const expired = await get(consentId);
    expect(expired.state).toBe('expired');
    await decide(await makeDiscussion(clinic.practitioner, patientId));
    expect(await get(consentId)).toEqual(expired);
  });

  it('of many at the same time on one discussion, one counts', async () => {
    const { patientId, discussionId } = await makeInformed();
    const decisions = ['given', 'refused', 'given', 'refused', 'given', 'refused'];
    const answers = await Promise.all(decisions.map((decision) => decide(discussionId, { decision })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await list(patientId)).toMatchObject([{ id: answers.find(({ status }) => status === 201)?.body.id }]);
  });

  it('of many at the same time on several discussions, the last one counts', async () => {
    const { patientId } = await makeInformed();
    const discussions = [];
    for (let count = 0; count < 4; count += 1) discussions.push(await makeDiscussion(clinic.practitioner, patientId));
    const answers = await Promise.all(discussions.map((discussionId) => decide(discussionId)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    const [latest, ...earlier] = await list(patientId);
    expect((await clearance(patientId)).consent).toEqual({ state: 'in_force', since: latest.decidedAt, until: latest.inForceUntil });
    expect((earlier as { state: string }[]).map(({ state }) => state)).toEqual(['replaced', 'replaced', 'replaced']);
  });
});

describe('GET consents', () => {
  it('lists the patient’s decisions, newest first, without signatures', async () => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    expect(await list(await makePatient(clinic.practitioner))).toEqual([]);
    const { body } = await decide(await makeDiscussion(clinic.practitioner, patientId), { decision: 'refused' });
    const shown = [await get(body.id as string), await get(consentId)];
    for (const consent of shown) {
      delete consent.signature;
      delete consent.witness;
    }
    expect(await list(patientId)).toEqual(shown);
  });

  it.each([`/api/consents/${UNKNOWN}`, `/api/patients/${UNKNOWN}/consents`])('has no %s', async (path) => {
    expect(await clinic.administrator.api.get(path)).toMatchObject({ status: 404, body: { code: 'not-found' } });
  });
});
