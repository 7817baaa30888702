import { makeClinic, type TestClinic } from '../support/make.js';
import { CANCEL } from '../support/oidc.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { comeIn, startSso, toCallback, type TestSso, useProvider } from '../support/sso.js';
import { makeMember, refused, Visitor } from '../support/visitor.js';

const CALLBACK = '/api/auth/sso/callback';
const FAILED = refused(401, 'sso.failed');
const NOT_INVITED = refused(403, 'sso.not-invited');

let server: TestServer;
let sso: TestSso;
let clinic: TestClinic;
let visitor: Visitor;
beforeAll(async () => {
  server = await startServer();
  sso = await startSso(server);
  clinic = await makeClinic(server);
  await useProvider(clinic, sso.provider);
});
beforeEach(() => {
  visitor = new Visitor(server.url);
});
afterAll(async () => {
  await sso.provider.stop();
  await server.stop();
});

let count = 0;
/** Somebody whom the clinic has invited, and the link's token. */
async function invite(by = clinic, email = `nora${(count += 1)}@clinic.example`): Promise<{ id: string; email: string; token: string }> {
  const { status, body } = await by.administrator.api.post('/api/staff', { name: 'Nora New', email, role: 'receptionist' });
  if (status !== 201) throw new Error(JSON.stringify(body));
  return { id: body.staffId, email, token: new URL(body.link).hash.slice(1) };
}

describe('by the clinic’s provider', () => {
  it('comes in who works there, and is sent to the pages', async () => {
    const gil = await makeMember(server, clinic);
    const answer = await comeIn(visitor, clinic.id, sso.vouchFor(gil.email));
    expect({ status: answer.status, to: answer.headers.get('location') }).toEqual({ status: 302, to: '/' });
    expect((await visitor.get('/api/auth/session')).body).toMatchObject({
      state: 'full',
      fresh: true,
      methods: ['provider'],
      clinics: [{ clinicId: clinic.id }],
      me: { id: gil.id, email: gil.email },
    });
    const events = await asSuperuser(
      server,
      `SELECT action AS event, outcome, details::jsonb -> 'methods' AS methods FROM audit.events JOIN app.staff ON staff.id = events.staff_id
        WHERE staff.user_id = $1 AND action NOT IN ('insert', 'update')`,
      [gil.userId],
    );
    expect(events).toEqual([{ event: 'sign-in', outcome: 'success', methods: ['provider'] }]);
  });

  it('is offered to everybody by its label, and by nothing else', async () => {
    expect(await visitor.get('/api/auth/sso')).toMatchObject({
      status: 200,
      body: { items: [{ clinicId: clinic.id, label: 'Work account' }] },
    });
    expect(JSON.stringify((await visitor.get('/api/auth/sso')).body)).not.toMatch(/secret|issuer|client_/i);
  });

  it('what is refused is told to a browser by the page of sign-in, and to a program as ever', async () => {
    const path = '/api/auth/sso/callback?code=x&state=x';
    const browser = await visitor.call('GET', path, undefined, { accept: 'text/html' });
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/sign-in?problem=sso.failed']);
    const program = await visitor.get(path);
    expect([program.status, program.body.code]).toEqual([401, 'sso.failed']);
  });

  it('comes in whoever is invited, and needs no link any more', async () => {
    const { id, email, token } = await invite();
    await comeIn(visitor, clinic.id, sso.vouchFor(email.toUpperCase()));
    expect((await visitor.get('/api/me')).body).toMatchObject({ id, email, role: 'receptionist' });
    const [place] = await asSuperuser(server, 'SELECT active @> clock_timestamp() AS active FROM app.staff WHERE id = $1', [id]);
    expect(place).toEqual({ active: true });
    expect(await new Visitor(server.url).post('/api/auth/invitations/open', { token })).toMatchObject(refused(410, 'invitation.closed'));
    expect((await comeIn(new Visitor(server.url), clinic.id, sso.vouchFor(email))).status).toBe(302);
  });

  it('comes in nobody whose address isn’t confirmed', async () => {
    const { id, email } = await invite();
    for (const email_verified of [false, undefined]) {
      const answer = await comeIn(visitor, clinic.id, sso.vouchFor(email, { email_verified }));
      expect(answer).toMatchObject(refused(403, 'sso.email-not-verified'));
    }
    expect(await visitor.state()).toBe('not-signed-in');
    const [place] = await asSuperuser(server, 'SELECT isempty(active) AS invited FROM app.staff WHERE id = $1', [id]);
    expect(place).toEqual({ invited: true });
  });

  it('comes in nobody whom the clinic doesn’t know', async () => {
    const other = await makeClinic(server);
    const theirs = await makeMember(server, other);
    for (const email of ['stranger@clinic.example', theirs.email, (await invite(other)).email]) {
      expect(await comeIn(visitor, clinic.id, sso.vouchFor(email))).toMatchObject(NOT_INVITED);
    }
    expect(await visitor.state()).toBe('not-signed-in');
    const events = await asSuperuser(
      server,
      `SELECT FROM audit.events WHERE action = 'sign-in' AND outcome = 'failure' AND details::jsonb @> $1`,
      [JSON.stringify({ clinicId: clinic.id })],
    );
    expect(events).toHaveLength(3);
  });

  it('comes in nobody who was deactivated, until invited again', async () => {
    const gil = await makeMember(server, clinic);
    const subject = sso.vouchFor(gil.email);
    await comeIn(visitor, clinic.id, subject);
    expect((await clinic.administrator.api.post(`/api/staff/${gil.id}/deactivation`)).status).toBe(200);
    expect(await visitor.state()).toBe('not-signed-in');
    expect(await comeIn(visitor, clinic.id, subject)).toMatchObject(NOT_INVITED);
    await clinic.administrator.api.post(`/api/staff/${gil.id}/invitation`);
    expect((await comeIn(visitor, clinic.id, subject)).status).toBe(302);
    expect(await visitor.state()).toBe('full');
  });

  it('comes in nobody who cancels there', async () => {
    const answer = await comeIn(visitor, clinic.id, CANCEL);
    expect(answer).toMatchObject(refused(401, 'sso.refused'));
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  it('comes in nobody else to whom the provider gives the address later', async () => {
    const { email } = await invite();
    const subject = sso.vouchFor(email);
    expect((await comeIn(visitor, clinic.id, subject)).status).toBe(302);
    expect(await comeIn(new Visitor(server.url), clinic.id, sso.handOver(email))).toMatchObject(refused(403, 'sso.someone-else'));
    expect((await comeIn(new Visitor(server.url), clinic.id, subject)).status).toBe(302);
  });

  it('ends the session that the browser had', async () => {
    const [gil, fay] = [await makeMember(server, clinic), await makeMember(server, clinic)];
    const before = new Visitor(server.url, gil.visitor.cookies.get('assent'));
    await comeIn(gil.visitor, clinic.id, sso.vouchFor(fay.email));
    expect((await gil.visitor.get('/api/me')).body.email).toBe(fay.email);
    expect(await before.state()).toBe('not-signed-in');
  });

  it('comes in each of many at once', async () => {
    const { email } = await invite();
    const visitors = Array.from({ length: 6 }, () => new Visitor(server.url));
    const paths: string[] = [];
    for (const one of visitors) paths.push(await toCallback(one, clinic.id, sso.vouchFor(email)));
    const answers = await Promise.all(visitors.map((one, index) => one.get(paths[index] ?? '')));
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(6).fill(302));
    const [started] = await asSuperuser(server, 'SELECT count(*)::int AS times FROM app.staff WHERE email = $1 AND NOT isempty(active)', [
      email,
    ]);
    expect(started).toEqual({ times: 1 });
  });
});

describe('the way back from the provider', () => {
  let subject: string;
  beforeAll(async () => {
    subject = sso.vouchFor((await makeMember(server, clinic)).email);
  });

  it('counts once', async () => {
    const path = await toCallback(visitor, clinic.id, subject);
    const handle = visitor.cookies.get('assent-sso') ?? '';
    const copies = [1, 2, 3, 4].map(() => {
      const copy = new Visitor(server.url);
      copy.cookies.set('assent-sso', handle);
      return copy;
    });
    const answers = await Promise.all([visitor, ...copies].map((one) => one.get(path)));
    expect(answers.map(({ status }) => status).sort()).toEqual([302, 401, 401, 401, 401]);
    expect(await (copies[0] ?? visitor).get(path)).toMatchObject(FAILED);
  });

  it('leads only to the browser that set out', async () => {
    const path = await toCallback(visitor, clinic.id, subject);
    // Login CSRF: somebody else's browser would work in the attacker's account.
    const victim = new Visitor(server.url);
    expect(await victim.get(path)).toMatchObject(FAILED);
    await victim.get(`/api/auth/sso/${clinic.id}`);
    expect(await victim.get(path)).toMatchObject(FAILED);
    expect([await victim.state(), [...victim.cookies.keys()]]).toEqual(['not-signed-in', []]);
    // It is still good where it belongs.
    expect((await visitor.get(path)).status).toBe(302);
  });

  it('leads to the clinic for which it set out, whatever it says', async () => {
    const other = await makeClinic(server);
    await useProvider(other, sso.provider);
    expect(await visitor.get(`${await toCallback(visitor, other.id, subject)}&clinicId=${clinic.id}`)).toMatchObject(NOT_INVITED);
    expect(await visitor.state()).toBe('not-signed-in');
  });

  it('is too late after ten minutes', async () => {
    const path = await toCallback(visitor, clinic.id, subject);
    await asSuperuser(server, `UPDATE auth.verification SET "expiresAt" = "expiresAt" - interval '10 minutes'`);
    expect(await visitor.get(path)).toMatchObject(FAILED);
  });

  it('sets a cookie that only this site’s requests carry, and that no script reads', async () => {
    const { headers } = await visitor.get(`/api/auth/sso/${clinic.id}`);
    expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^assent-sso=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/)]);
    const url = new URL(headers.get('location') ?? '');
    expect(url.href).not.toContain(visitor.cookies.get('assent-sso'));
    const failed = await visitor.get(`${CALLBACK}?state=x`);
    expect(failed).toMatchObject(FAILED);
    expect(failed.headers.getSetCookie()).toEqual(['assent-sso=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax']);
    expect(failed.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  });

  it.each([
    '',
    '?',
    '?code=x',
    '?state=x',
    '?code=x&state=y',
    '?code=x&code=y&state=z&state=z',
    '?error=access_denied',
    '?error=server_error&error_description=%3Cscript%3E',
    '?error=%00&state=%00',
    '?code=%ud800&state=%E0%A4%A',
    '?code[]=x&code[$ne]=x&state[toString]=x',
    '?__proto__[x]=y&constructor=x&hasOwnProperty=x',
    '?iss=https%3A%2F%2Fevil.example&code=x&state=y',
    '?response=x.y.z',
    '?id_token=x.y.z&access_token=t',
    `?code=${'x'.repeat(10_000)}&state=${'y'.repeat(1_000)}`,
    '?url=https://evil.example&redirect=//evil.example&code=x&state=y',
  ])('fails in order with %j', async (query) => {
    for (const begun of [false, true]) {
      if (begun) await visitor.get(`/api/auth/sso/${clinic.id}`);
      const answer = await visitor.get(CALLBACK + query);
      expect([400, 401]).toContain(answer.status);
      expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(answer.headers.get('location')).toBeNull();
      expect(JSON.stringify(answer.body)).not.toContain('evil');
    }
    expect(await visitor.state()).toBe('not-signed-in');
  });

  it.each(['x', 'callback/', 'callback/x', '01890000-0000-7000-8000-000000000000', "'", '%00', '..%2F..'])(
    'begins nowhere at /api/auth/sso/%s',
    async (path) => {
      const { status, headers } = await visitor.get(`/api/auth/sso/${path}`);
      expect([400, 401, 404]).toContain(status);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    },
  );

  it.each(['fresh=yes', 'fresh=true&fresh=true', 'fresh[x]=true', 'max_age=0'])('begins with no such thing as %s', async (query) => {
    expect(await visitor.get(`/api/auth/sso/${clinic.id}?${query}`)).toMatchObject(refused(400, 'malformed'));
  });

  it('isn’t begun where the provider doesn’t answer', async () => {
    const own = await makeClinic(server);
    const { provider } = await startSso(server);
    try {
      await useProvider(own, provider);
    } finally {
      await provider.stop();
    }
    expect(await visitor.get(`/api/auth/sso/${own.id}`)).toMatchObject(refused(503, 'sso.provider-unreachable'));
  });
});
