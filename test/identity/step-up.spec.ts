import { hashToken } from '../../src/identity/tokens.js';
import { type Answer, callerOf } from '../support/api.js';
import { withClient } from '../support/database.js';
import {
  GIVEN,
  makeClearedPatient,
  makeClinic,
  makeDiscussion,
  makePatient,
  makeScreening,
  makeSession,
  PASSWORD,
  type Person,
  type TestClinic,
} from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const STALE = [403, 'reauthentication-required'];
const outcome = ({ status, body }: Answer) => [status, body.code as string];

async function age(person: Person, minutes: number): Promise<void> {
  await withClient(server.database.superuser, (client) =>
    client.query('UPDATE auth.session SET authenticated_at = clock_timestamp() - make_interval(mins => $2) WHERE token = $1', [
      hashToken(person.token),
      minutes,
    ]),
  );
}

describe('an authentication of more than 15 minutes ago', () => {
  it('reads, screens, discusses and treats', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await age(clinic.practitioner, 16);
    await makeSession(clinic.practitioner, patientId);
    const other = await makePatient(clinic.practitioner);
    await makeScreening(clinic.practitioner, other);
    await makeDiscussion(clinic.practitioner, other);
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/consents`)).status).toBe(200);
  });

  it('records no decision', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    const discussionId = await makeDiscussion(clinic.practitioner, patientId);
    const decide = () => clinic.practitioner.api.post(`/api/discussions/${discussionId}/consent`, GIVEN);
    await age(clinic.practitioner, 16);
    expect(outcome(await decide())).toEqual(STALE);
    await age(clinic.practitioner, 14);
    expect((await decide()).status).toBe(201);
  });

  it.each(['practitioner', 'administrator'] as const)('withdraws, as %s: stopping waits for no proof', async (role) => {
    const { patientId, consentId } = await makeClearedPatient(clinic.practitioner);
    await age(clinic[role], 600);
    const withdrawal = { reason: 'no more', withdrawnBy: { kind: 'patient' } };
    expect((await clinic[role].api.post(`/api/consents/${consentId}/withdrawal`, withdrawal)).status).toBe(200);
    expect((await clinic.practitioner.api.get(`/api/patients/${patientId}/clearance`)).body.blockers).toMatchObject([
      { code: 'consent.withdrawn' },
    ]);
  });

  it.each([
    ['POST', '/api/staff'],
    ['PATCH', '/api/staff/00000000-0000-4000-8000-000000000000'],
    ['POST', '/api/staff/00000000-0000-4000-8000-000000000000/deactivation'],
    ['POST', '/api/staff/00000000-0000-4000-8000-000000000000/invitation'],
    ['POST', '/api/staff/00000000-0000-4000-8000-000000000000/licences'],
    ['POST', '/api/licences/00000000-0000-4000-8000-000000000000/revocation'],
    ['PATCH', '/api/clinic/policy'],
    ['PUT', '/api/clinic/sso'],
    ['DELETE', '/api/clinic/sso'],
    ['POST', '/api/api-keys'],
    ['DELETE', '/api/api-keys/00000000-0000-4000-8000-000000000000'],
    ['PUT', '/api/me/password'],
    ['POST', '/api/me/totp'],
    ['POST', '/api/me/passkeys/options'],
    ['DELETE', '/api/me/totp'],
    ['POST', '/api/me/recovery-codes'],
    ['DELETE', '/api/me/passkeys/x'],
  ])('doesn’t do for %s %s', async (method, path) => {
    await age(clinic.administrator, 16);
    expect(outcome(await clinic.administrator.api.call(method, path))).toEqual(STALE);
  });

  it('ends sessions: a stranger’s must go at once', async () => {
    await age(clinic.administrator, 16);
    expect((await clinic.administrator.api.delete('/api/me/sessions')).status).toBe(200);
    expect((await clinic.administrator.api.delete(`/api/staff/${clinic.receptionist.id}/sessions`)).status).toBe(200);
  });

  it('is refused by row-level security as well', async () => {
    const rename = () =>
      asApplication(server, clinic.administrator.token, (client) =>
        client.query(`UPDATE app.staff SET name = 'x' WHERE id = $1`, [clinic.colleague.id]),
      );
    const hire = () =>
      asApplication(server, clinic.administrator.token, (client) =>
        client.query(`SELECT app.invite('x', 'x@clinic.example', 'receptionist', NULL, repeat('0', 64), false)`),
      );
    await age(clinic.administrator, 16);
    expect((await rename()).rowCount).toBe(0);
    await expect(hire()).rejects.toMatchObject({ code: '42501' });
    await age(clinic.administrator, 0);
    expect((await rename()).rowCount).toBe(1);
    expect((await hire()).rowCount).toBe(1);
  });

  it('is made fresh by one proof, under a new token, and for as long as the policy says', async () => {
    await age(clinic.administrator, 16);
    const answer = await clinic.administrator.api.post('/api/auth/verify', { password: PASSWORD });
    expect(answer.body).toMatchObject({ state: 'full', fresh: true });
    const fresh = callerOf(server.url, answer);
    expect(fresh.token).not.toBe(clinic.administrator.token);
    expect(outcome(await clinic.administrator.api.get('/api/me'))).toEqual([401, 'not-signed-in']);
    expect((await fresh.patch('/api/clinic/policy', { stepUpMinutes: 5 })).status).toBe(200);
    await age({ ...clinic.administrator, token: fresh.token ?? '' }, 6);
    expect(outcome(await fresh.patch('/api/clinic/policy', { stepUpMinutes: 15 }))).toEqual(STALE);
  });
});
