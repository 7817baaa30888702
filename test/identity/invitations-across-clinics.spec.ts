import {
  accept,
  browserOf,
  CHOSEN,
  codeOf,
  forgetPeriods,
  idle,
  invite,
  type Invited,
  join,
  newcomer,
  renew,
  said,
  setUpTotp,
  signInWith,
} from '../support/accounts.js';
import { Caller } from '../support/api.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

let server: TestServer;
/** Where somebody works or is invited, and which another clinic tries to get into. */
let home: TestClinic;
/** Whose administrator invites that person too, and sees the links that come of it. */
let other: TestClinic;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer();
  [home, other] = await Promise.all([makeClinic(server), makeClinic(server)]);
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

const OTHER_PASSWORD = 'nine loud steamboats';
const SIGN_IN_FIRST = [409, 'invitation.sign-in-first'];

function open(token: string) {
  return anyone.post('/api/auth/invitations/open', { token });
}

/** The clinics that somebody may choose. */
async function clinicsOf(by: Caller): Promise<string[]> {
  const { body } = await by.get('/api/auth/session');
  return (body.clinics as { clinicId: string }[]).map(({ clinicId }) => clinicId).sort();
}

const both = () => [home.id, other.id].sort();

/** Works at home, and is invited by the other clinic. */
async function wanted(): Promise<{ there: Invited; here: Invited }> {
  const here = await invite(home);
  await join(server, here);
  return { here, there: await invite(other, { email: here.email }) };
}

describe('a link for somebody who works in another clinic', () => {
  it('says that they have an account, and nothing of where', async () => {
    const { there } = await wanted();
    const { body } = await open(there.token);
    expect(body).toMatchObject({ hasAccount: true, renews: false });
    expect(JSON.stringify(body)).not.toContain(home.id);
  });

  it('sets no password, whoever holds it', async () => {
    const { there } = await wanted();
    expect(said(await accept(anyone, there.token, OTHER_PASSWORD))).toEqual(SIGN_IN_FIRST);
    expect(said(await accept(anyone, there.token))).toEqual(SIGN_IN_FIRST);
    expect((await signInWith(anyone, there.email, OTHER_PASSWORD)).status).toBe(401);
    expect((await signInWith(anyone, there.email)).status).toBe(200);
  });

  it('isn’t accepted by the administrator who sees it, nor by anybody else who is signed in', async () => {
    const { there } = await wanted();
    for (const { api } of [other.administrator, other.receptionist, home.administrator]) {
      expect(said(await accept(api, there.token, OTHER_PASSWORD))).toEqual(SIGN_IN_FIRST);
    }
    expect((await open(there.token)).status).toBe(200);
  });

  it('is accepted by the person, signed in, who then works in both with the same password', async () => {
    const { there } = await wanted();
    const { api } = browserOf(server, await signInWith(anyone, there.email));
    const answer = await accept(api, there.token);
    expect(answer.body).toMatchObject({ state: 'full', me: { id: there.id, clinic: { id: other.id } } });
    const now = browserOf(server, answer).api;
    expect(await clinicsOf(now)).toEqual(both());
    // The cookie that was shown before is worthless.
    expect((await api.get('/api/auth/session')).status).toBe(204);
    const signedIn = await signInWith(anyone, there.email);
    expect(signedIn.body.state).toBe('clinic');
    expect(said(await accept(now, there.token))).toEqual([410, 'invitation.closed']);
  });

  it('leaves the password alone when one is given too', async () => {
    const { there } = await wanted();
    const { api } = browserOf(server, await signInWith(anyone, there.email));
    expect((await accept(api, there.token, OTHER_PASSWORD)).status).toBe(200);
    expect((await signInWith(anyone, there.email, OTHER_PASSWORD)).status).toBe(401);
  });

  it('isn’t accepted in a session that is locked', async () => {
    const { here, there } = await wanted();
    const { api } = browserOf(server, await signInWith(anyone, there.email));
    await idle(server, here, 31);
    expect(said(await accept(api, there.token))).toEqual(SIGN_IN_FIRST);
    expect(browserOf(server, await api.post('/api/auth/verify', { password: CHOSEN })).token).not.toBe('');
  });

  it('isn’t accepted in a session that owes its second factor', async () => {
    const here = await invite(home);
    const { secret } = await setUpTotp(server, await join(server, here));
    const there = await invite(other, { email: here.email });
    const { api } = browserOf(server, await signInWith(anyone, there.email));
    expect(said(await accept(api, there.token))).toEqual(SIGN_IN_FIRST);
    await forgetPeriods(server);

    const complete = browserOf(server, await api.post('/api/auth/verify', { totp: codeOf(secret) }));
    expect((await accept(complete.api, there.token)).status).toBe(200);
  });

  it('is no better when it is renewed, before or after the person was deactivated', async () => {
    const { there } = await wanted();
    for (const end of [false, true]) {
      if (end) await other.administrator.api.post(`/api/staff/${there.id}/deactivation`);
      const answer = await other.administrator.api.post(`/api/staff/${there.id}/invitation`);
      expect([answer.status, answer.body.renews]).toEqual([201, false]);
      const token = (answer.body.link as string).split('#')[1] ?? '';
      expect(said(await accept(anyone, token, OTHER_PASSWORD))).toEqual(SIGN_IN_FIRST);
    }
  });

  it('is no better for somebody who has left the other clinic', async () => {
    const { here, there } = await wanted();
    await home.administrator.api.post(`/api/staff/${here.id}/deactivation`);
    expect(said(await accept(anyone, there.token, OTHER_PASSWORD))).toEqual(SIGN_IN_FIRST);
    const renewed = await other.administrator.api.post(`/api/staff/${there.id}/invitation`);
    expect(renewed.body.renews).toBe(false);
    // They sign in, have no clinic, and accept.
    const signedIn = await signInWith(anyone, there.email);
    expect([signedIn.status, signedIn.body]).toEqual([200, expect.objectContaining({ state: 'clinic', clinics: [] })]);
    const { api } = browserOf(server, signedIn);
    expect((await accept(api, (renewed.body.link as string).split('#')[1] ?? '')).body).toMatchObject({
      state: 'full',
      me: { id: there.id },
    });
  });
});

describe('two clinics that invite somebody new', () => {
  async function invitedTwice(): Promise<{ here: Invited; there: Invited }> {
    const here = await invite(home);
    return { here, there: await invite(other, { email: here.email }) };
  }

  it('give one account: the second link is accepted signed in', async () => {
    const { here, there } = await invitedTwice();
    const { api } = await join(server, here);
    expect(said(await accept(anyone, there.token, OTHER_PASSWORD))).toEqual(SIGN_IN_FIRST);
    expect(await clinicsOf(browserOf(server, await accept(api, there.token)).api)).toEqual(both());
  });

  it('can’t take the other’s place: a squatter who accepted first stays out', async () => {
    const { here, there } = await invitedTwice();
    const squatter = await join(server, there);
    expect(await clinicsOf(squatter.api)).toEqual([other.id]);
    expect(said(await squatter.api.post('/api/auth/clinic', { clinicId: home.id }))).toEqual([404, 'not-found']);
    // The invited person’s own link gives nothing away either: it sets no password beside the squatter’s.
    expect(said(await accept(anyone, here.token, OTHER_PASSWORD))).toEqual(SIGN_IN_FIRST);
    // Nor does a new link from the squatter’s administrator, while the place at home waits.
    expect(said(await other.administrator.api.post(`/api/staff/${there.id}/invitation`))).toEqual([409, 'invitation.by-mail']);
    const { body } = await home.administrator.api.get('/api/staff');
    expect((body.items as { id: string }[]).find(({ id }) => id === here.id)).toMatchObject({ status: 'invited' });
  });

  it('give one password when both links are accepted at once', async () => {
    const { here, there } = await invitedTwice();
    const answers = await Promise.all([accept(anyone, here.token, CHOSEN), accept(anyone, there.token, OTHER_PASSWORD)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers.findIndex(({ status }) => status === 200);
    const signIns = await Promise.all([CHOSEN, OTHER_PASSWORD].map((password) => signInWith(anyone, here.email, password)));
    expect(signIns.map(({ status }) => status)).toEqual(winner === 0 ? [200, 401] : [401, 200]);
    const lost = winner === 0 ? there : here;
    // The losing link wasn’t spent.
    expect((await open(lost.token)).status).toBe(200);
  });
});

describe('a new link for somebody who works in two clinics', () => {
  async function inBoth(): Promise<{ here: Invited; there: Invited }> {
    const made = await wanted();
    const { api } = browserOf(server, await signInWith(anyone, made.here.email));
    expect((await accept(api, made.there.token)).status).toBe(200);
    return made;
  }

  it('is refused where an administrator would see it, and nothing changes', async () => {
    const { there } = await inBoth();
    const before = await asSuperuser(server, 'SELECT * FROM auth.invitation WHERE staff_id = $1', [there.id]);
    expect(said(await other.administrator.api.post(`/api/staff/${there.id}/invitation`))).toEqual([409, 'invitation.by-mail']);
    expect(await asSuperuser(server, 'SELECT * FROM auth.invitation WHERE staff_id = $1', [there.id])).toEqual(before);
    expect((await signInWith(anyone, there.email)).status).toBe(200);
  });

  it('is refused too when it was shown before the person came to the second clinic', async () => {
    const here = await invite(home);
    await join(server, here);
    // Seen by the one administrator while the person works for nobody else, and kept.
    const kept = await renew(home, here.id);
    const there = await invite(other, { email: here.email });
    const { api } = browserOf(server, await signInWith(anyone, here.email));
    const joined = browserOf(server, await accept(api, there.token)).api;
    expect(said(await accept(anyone, kept, OTHER_PASSWORD))).toEqual([409, 'invitation.by-mail']);
    expect((await signInWith(anyone, here.email, OTHER_PASSWORD)).status).toBe(401);
    expect((await joined.get('/api/auth/session')).status).toBe(200);
  });
});

describe('another clinic’s administrator', () => {
  it('neither renews, changes nor deactivates somebody of this one', async () => {
    const invited = await invite(home);
    const joined = await join(server, await invite(home));
    for (const id of [invited.id, joined.id, home.administrator.id]) {
      for (const answer of await Promise.all([
        other.administrator.api.post(`/api/staff/${id}/invitation`),
        other.administrator.api.post(`/api/staff/${id}/deactivation`),
        other.administrator.api.patch(`/api/staff/${id}`, { name: 'Eve' }),
        other.administrator.api.get(`/api/staff/${id}/sessions`),
        other.administrator.api.delete(`/api/staff/${id}/sessions`),
      ])) {
        expect(said(answer)).toEqual([404, 'not-found']);
      }
    }
    expect((await open(invited.token)).status).toBe(200);
    expect((await joined.api.get('/api/me')).body).toMatchObject({ name: 'Nora Newcomer' });
  });

  it('learns nothing from an invitation of an address that is known elsewhere', async () => {
    const { here } = await wanted();
    const third = await makeClinic(server);
    const known = await third.administrator.api.post('/api/staff', newcomer({ email: here.email }));
    const unknown = await third.administrator.api.post('/api/staff', newcomer());
    expect(known.status).toBe(201);
    expect(Object.keys(known.body as object)).toEqual(Object.keys(unknown.body as object));
    expect([known.body.renews, unknown.body.renews]).toEqual([false, false]);
  });
});
