import { browserOf, said } from '../support/accounts.js';
import { makeClinic, PASSWORD, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer({ env: { DATABASE_POOL_SIZE: '2' } });
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const sessions = async (): Promise<number> =>
  Number((await asSuperuser(server, 'SELECT count(*) FROM auth.session WHERE staff_id = $1', [clinic.administrator.id]))[0]?.['count']);

describe('at once', () => {
  it('more people choose a clinic than the server has connections, and none waits for another', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => signIn(server, clinic.administrator.id)));
    const answers = await Promise.all(people.map(({ api }) => api.post('/api/auth/clinic', { clinicId: clinic.id })));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(12).fill(200));
  });

  it('one session is renewed once, and leaves one session', async () => {
    const before = await sessions();
    const choose = () => clinic.administrator.api.post('/api/auth/clinic', { clinicId: clinic.id });
    const verify = () => clinic.administrator.api.post('/api/auth/verify', { password: PASSWORD });
    const answers = await Promise.all([choose(), verify(), choose(), verify(), choose()]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    for (const answer of answers.filter((one) => !won.includes(one))) {
      expect(said(answer)).toEqual([401, 'not-signed-in']);
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    expect(await sessions()).toBe(before);
    for (const answer of won) expect((await browserOf(server, answer).api.get('/api/me')).status).toBe(200);
  });

  it('somebody is deactivated and goes on, and comes no further', async () => {
    const { api, id } = clinic.colleague;
    const [deactivated, ...chosen] = await Promise.all([
      clinic.administrator.api.post(`/api/staff/${id}/deactivation`),
      ...Array.from({ length: 3 }, () => api.post('/api/auth/clinic', { clinicId: clinic.id })),
    ]);
    expect(deactivated.status).toBe(200);
    const tokens = [api, ...chosen.map((answer) => browserOf(server, answer).api)];
    for (const caller of tokens) expect([401, 403]).toContain((await caller.get('/api/patients')).status);
  });
});
