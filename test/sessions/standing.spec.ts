import { Caller } from '../support/api.js';
import {
  expire,
  makeClearedPatient,
  makeClinic,
  makeConsent,
  makeDisclosure,
  makeDiscussion,
  makePatient,
  makeRepresentedPatient,
  makeScreening,
  makeSession,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { makeMember } from '../support/visitor.js';

const ALL = ['hvla_thrust', 'mobilisation'];

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const get = async (sessionId: string, by = clinic.practitioner.api) => (await by.get(`/api/sessions/${sessionId}/standing`)).body;
const record = async (sessionId: string, values: object = {}) =>
  (
    await clinic.practitioner.api.post(`/api/sessions/${sessionId}/manipulations`, {
      region: 'lumbar',
      segment: 'L4',
      technique: 'mobilisation',
      ...values,
    })
  ).body;

async function makeOpen(
  make: (by: Person) => Promise<{ patientId: string; consentId: string }> = makeClearedPatient,
): Promise<{ patientId: string; consentId: string; sessionId: string }> {
  const made = await make(clinic.practitioner);
  return { ...made, sessionId: await makeSession(clinic.practitioner, made.patientId) };
}

describe('GET /sessions/:id/standing', () => {
  it('tells the regions that are covered, and why others aren’t', async () => {
    const patientId = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, patientId, { cervical_arterial_warning: { answer: 'yes' } });
    const discussionId = await makeDiscussion(clinic.practitioner, patientId, { regions: ['thoracic', 'lumbar'] });
    await makeConsent(clinic.practitioner, discussionId, { regions: ['lumbar'] });
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const notConsented = { code: 'manipulation.not-consented', message: expect.any(String), remedy: expect.any(String) };
    expect(await get(sessionId)).toEqual({
      open: true,
      over: null,
      manipulations: 0,
      regions: [
        { region: 'cervical', techniques: [], barred: { ...notConsented, code: 'manipulation.not-cleared' } },
        { region: 'thoracic', techniques: [], barred: notConsented },
        { region: 'lumbar', techniques: ALL, barred: null },
        { region: 'sacral', techniques: [], barred: notConsented },
        { region: 'pelvic', techniques: [], barred: notConsented },
      ],
    });
  });

  it('says in the words of the refusal that something ended', async () => {
    const endings: Record<string, (made: Awaited<ReturnType<typeof makeOpen>>) => Promise<unknown>> = {
      'consent.withdrawn': ({ consentId }) =>
        clinic.administrator.api.post(`/api/consents/${consentId}/withdrawal`, { reason: 'No.', withdrawnBy: { kind: 'patient' } }),
      'consent.unrepresented': async ({ patientId }) => {
        const { items } = (await clinic.receptionist.api.get(`/api/patients/${patientId}/representatives`)).body;
        return clinic.receptionist.api.post(`/api/representatives/${items[0].id}/end`, { reason: 'revoked' });
      },
      'consent.expired': ({ consentId }) => expire(server, 'consents', consentId),
      'consent.replaced': async ({ patientId }) => makeConsent(clinic.colleague, await makeDiscussion(clinic.colleague, patientId)),
      'consent.outdated': () => makeDisclosure(clinic.administrator, { requiresReconsent: true }),
      'screening.replaced': ({ patientId }) => makeScreening(clinic.colleague, patientId),
      'licence.revoked': async () => {
        const { items } = (await clinic.administrator.api.get('/api/staff')).body;
        const [{ id }] = items.find((person: { id: string }) => person.id === clinic.practitioner.id).licences;
        return clinic.administrator.api.post(`/api/licences/${id}/revocation`, { reason: 'Lost.' });
      },
      'session.already-ended': ({ sessionId }) => clinic.colleague.api.post(`/api/sessions/${sessionId}/end`),
    };
    for (const [code, happens] of Object.entries(endings)) {
      clinic = await makeClinic(server);
      const made = await makeOpen(code === 'consent.unrepresented' ? makeRepresentedPatient : makeClearedPatient);
      expect((await get(made.sessionId)).over).toBeNull();
      await happens(made);
      const { open, over } = await get(made.sessionId);
      expect([open, over?.code]).toEqual([code !== 'session.already-ended', code]);
      expect(await record(made.sessionId)).toMatchObject({ code, title: over.message });
    }
  });

  it('refuses what the record refuses, region by region', async () => {
    const { sessionId } = await makeOpen();
    const { regions } = await get(sessionId);
    const SEGMENT: Record<string, string> = { cervical: 'C5', thoracic: 'T4', lumbar: 'L4', sacral: 'sacrum', pelvic: 'left_sacroiliac' };
    for (const { region, barred } of regions) {
      const answer = await record(sessionId, { region, segment: SEGMENT[region] });
      expect([region, answer.code]).toEqual([region, barred?.code]);
    }
  });

  it('is another clinic’s 404', async () => {
    const { sessionId } = await makeOpen();
    const other = await makeClinic(server);
    expect(await get(sessionId, other.practitioner.api)).toMatchObject({ status: 404, code: 'not-found' });
    expect(await get(sessionId, clinic.receptionist.api)).toMatchObject({ status: 403 });
    expect(await get(sessionId, new Caller(server.url))).toMatchObject({ status: 401 });
  });

  it('puts no idle lock off, since a page asks it by itself', async () => {
    const { sessionId } = await makeOpen();
    const member = await makeMember(server, clinic, { role: 'practitioner' });
    const seen = () => asSuperuser(server, `SELECT last_seen_at::text FROM auth.session WHERE "userId" = $1`, [member.userId]);
    await asSuperuser(server, `UPDATE auth.session SET last_seen_at = clock_timestamp() - interval '2 minutes' WHERE "userId" = $1`, [
      member.userId,
    ]);
    const before = await seen();
    await get(sessionId, member.visitor);
    expect(await seen()).toEqual(before);
    await member.visitor.get(`/api/sessions/${sessionId}`);
    expect(await seen()).not.toEqual(before);
  });
});
