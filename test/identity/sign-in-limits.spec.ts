import { type Answer, Caller } from '../support/api.js';
import { withClient } from '../support/database.js';
import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';

let server: TestServer;
let clinic: TestClinic;
let email: string;
beforeAll(async () => {
  server = await startServer({ env: { TRUST_PROXY: 'loopback' } });
  clinic = await makeClinic(server);
  email = (await clinic.administrator.api.get('/api/me')).body.email;
});
afterAll(() => server.stop());

const signIn = (password: string, headers: Record<string, string> = {}, account = email, { url } = server): Promise<Answer> =>
  new Caller(url).call('POST', '/api/auth/sign-in', { email: account, password }, headers);

const from = (address: string) => ({ 'x-forwarded-for': address });

describe('limits on guessing', () => {
  it('keep out 10,000 guesses from as many addresses, and let the person in on a device that is known', async () => {
    const known = await signIn(PASSWORD, from('198.51.100.1'));
    const device =
      known.headers
        .getSetCookie()
        .find((set) => set.startsWith('assent-device='))
        ?.split(';')[0] ?? '';
    // With a second factor due, the device isn't known yet.
    expect([known.body.state, device]).toEqual(['second_factor', '']);
    await withClient(server.database.superuser, (client) => client.query(`UPDATE app.clinics SET demo = true, mfa_roles = '{}'`));
    const complete = await signIn(PASSWORD, from('198.51.100.1'));
    const cookie =
      complete.headers
        .getSetCookie()
        .find((set) => set.startsWith('assent-device='))
        ?.split(';')[0] ?? '';
    expect(cookie).not.toBe('');

    const statuses = new Map<number, number>();
    const guesses = Array.from({ length: 10_000 }, (_, guess) => guess);
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let guess = guesses.pop(); guess !== undefined; guess = guesses.pop()) {
          const { status } = await signIn(`guess number ${guess}`, from(`10.${guess >> 16}.${(guess >> 8) & 255}.${guess & 255}`));
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      }),
    );
    expect(Object.fromEntries(statuses)).toEqual({ 401: 10, 429: 9_990 });
    const refused = await signIn(PASSWORD, from('198.51.100.2'));
    expect([refused.status, refused.body.code]).toEqual([429, 'too-many-attempts']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await signIn(PASSWORD, { ...from('198.51.100.2'), cookie })).status).toBe(200);

    // The record says so, once, and isn't filled.
    const { body } = await clinic.administrator.api.get('/api/audit/events?action=sign-in&outcome=failure');
    const recorded = (body.items as { details: object }[]).map(({ details }) => details);
    expect(recorded).toHaveLength(11);
    expect(recorded.filter((one) => 'limit' in one)).toEqual([{ limit: 'too many attempts' }]);
  });

  it('refuse an account that doesn’t exist like one that does', async () => {
    const answers: Answer[] = [];
    for (let guess = 1; guess <= 11; guess += 1)
      answers.push(await signIn('a wrong password', from(`192.0.2.${guess}`), 'nobody@clinic.example'));
    expect(answers.map(({ status }) => status)).toEqual([...Array<number>(10).fill(401), 429]);
  });

  it('stop an address that tries many accounts, whatever address it invents', () =>
    withServer({}, async (own) => {
      const statuses: number[] = [];
      for (let guess = 1; guess <= 61; guess += 1) {
        const invented = { ...from(`10.0.0.${guess}`), 'x-assent-client-address': `10.0.0.${guess}`, forwarded: `for=10.0.0.${guess}` };
        statuses.push((await signIn('a wrong password', invented, `somebody${guess}@clinic.example`, own)).status);
      }
      expect(statuses).toEqual([...Array<number>(60).fill(401), 429]);
    }));

  it('count each client behind a trusted proxy by itself', async () => {
    const statuses: number[] = [];
    for (let guess = 1; guess <= 61; guess += 1)
      statuses.push((await signIn('a wrong password', from('203.0.113.1'), `x${guess}@clinic.example`)).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await signIn('a wrong password', from('203.0.113.2'), 'x@clinic.example')).status).toBe(401);
  });
});
