import { makeClinic, type TestClinic } from '../support/make.js';
import { listen } from '../support/oidc.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { comeIn, settingsOf, startSso, type TestSso, useProvider } from '../support/sso.js';
import { makeMember, makeStale, refused, visit, Visitor } from '../support/visitor.js';

const SSO = '/api/clinic/sso';

let server: TestServer;
let sso: TestSso;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  sso = await startSso(server);
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(async () => {
  await sso.provider.stop();
  await server.stop();
});

const put = (values: object = {}, by = clinic.administrator) => by.api.put(SSO, { ...settingsOf(sso.provider), ...values });

describe('a clinic’s provider', () => {
  it('is shown without its secret, and with what it must be told', async () => {
    const { issuer, clientId, clientSecret } = sso.provider;
    const view = {
      label: 'Work account',
      issuer,
      clientId,
      redirectUri: `${server.url}/api/auth/sso/callback`,
      signInUrl: `${server.url}/api/auth/sso/${clinic.id}`,
    };
    expect(await clinic.administrator.api.get(SSO)).toMatchObject(refused(404, 'not-found'));
    const answers = [await put(), await clinic.administrator.api.get(SSO)];
    for (const { status, body } of answers) expect({ status, body }).toEqual({ status: 200, body: view });
    const [row] = await asSuperuser(server, 'SELECT client_secret FROM auth.sso_provider WHERE clinic_id = $1', [clinic.id]);
    expect(row?.['client_secret']).toMatch(/\S{32}/);
    expect(row?.['client_secret']).not.toContain(clientSecret);
    const events = await asSuperuser(server, `SELECT action AS event, staff_id, details AS detail FROM audit.events WHERE clinic_id = $1`, [
      clinic.id,
    ]);
    expect(events).toContainEqual({
      event: 'clinic.sso',
      staff_id: clinic.administrator.id,
      detail: JSON.stringify({ issuer }).replace(':', ': '),
    });
    expect(JSON.stringify(events)).not.toContain(clientSecret);
  });

  it('is one that answers, and as itself', async () => {
    const nowhere = await listen((_, response) => response.writeHead(404).end());
    const impostor = await listen((_, response) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ issuer: sso.provider.issuer })),
    );
    for (const issuer of [nowhere.url, impostor.url]) {
      expect(await put({ issuer })).toMatchObject({
        ...refused(422, 'sso.provider-unusable'),
        body: { detail: expect.stringMatching(/\S/) },
      });
    }
    await Promise.all([nowhere.stop(), impostor.stop()]);
    expect(await put({ issuer: nowhere.url })).toMatchObject(refused(422, 'sso.provider-unusable'));
    expect(await put({ issuer: 'http://clinic.example' })).toMatchObject(refused(422, 'sso.provider-unusable'));
    expect(await clinic.administrator.api.get(SSO)).toMatchObject(refused(404, 'not-found'));
  });

  it.each([
    ['label', { label: '' }],
    ['label', { label: 'x'.repeat(101) }],
    ['label', { label: 'two\nlines' }],
    ['issuer', { issuer: 'ftp://clinic.example' }],
    ['issuer', { issuer: 'clinic' }],
    ['issuer', { issuer: ['https://clinic.example'] }],
    ['clientId', { clientId: '' }],
    ['clientId', { clientId: 'x'.repeat(501) }],
    ['clientSecret', { clientSecret: undefined }],
    ['clientSecret', { clientSecret: 'x'.repeat(501) }],
    ['clinicId', { clinicId: '01890000-0000-7000-8000-000000000000' }],
  ])('has no such %s: %j', async (field, values) => {
    expect(await put(values)).toMatchObject({ status: 400, body: { code: 'malformed', errors: [{ field }] } });
  });

  it('is set by an administrator who authenticated a short while ago', async () => {
    const ada = await makeMember(server, clinic, { role: 'administrator', methods: 'password totp' });
    expect((await ada.visitor.put(SSO, settingsOf(sso.provider))).status).toBe(200);
    await makeStale(server, ada);
    const stale = refused(403, 'reauthentication-required');
    expect(await ada.visitor.put(SSO, settingsOf(sso.provider))).toMatchObject(stale);
    expect(await ada.visitor.delete(SSO)).toMatchObject(stale);
    expect((await ada.visitor.get(SSO)).status).toBe(200);
    for (const by of [clinic.practitioner, clinic.receptionist]) {
      for (const answer of [await put({}, by), await by.api.get(SSO), await by.api.delete(SSO)]) {
        expect(answer).toMatchObject(refused(403, 'forbidden'));
      }
    }
  });

  it('is no other clinic’s', async () => {
    const other = await makeClinic(server);
    await useProvider(clinic, sso.provider);
    expect(await other.administrator.api.get(SSO)).toMatchObject(refused(404, 'not-found'));
    expect((await other.administrator.api.delete(SSO)).status).toBe(204);
    expect((await clinic.administrator.api.get(SSO)).status).toBe(200);
  });

  it.each(['changed', 'removed'])('that is %s ends the sessions that came by it, and no others', async (how) => {
    const elsewhere = await makeClinic(server);
    await Promise.all([useProvider(clinic, sso.provider), useProvider(elsewhere, sso.provider)]);
    const gil = await makeMember(server, clinic);
    const fay = await makeMember(server, elsewhere);
    const [byProvider, theirs, byPassword] = [new Visitor(server.url), new Visitor(server.url), await visit(server, gil)];
    await comeIn(byProvider, clinic.id, sso.vouchFor(gil.email));
    await comeIn(theirs, elsewhere.id, sso.vouchFor(fay.email));
    expect([await byProvider.state(), await theirs.state()]).toEqual(['full', 'full']);
    await (how === 'changed' ? useProvider(clinic, sso.provider) : clinic.administrator.api.delete(SSO));
    expect([await byProvider.state(), await byPassword.state(), await theirs.state()]).toEqual(['not-signed-in', 'full', 'full']);
  });

  it('that is removed lets nobody in, not even who is on the way', async () => {
    await useProvider(clinic, sso.provider);
    const gil = await makeMember(server, clinic);
    const [begun, late] = [new Visitor(server.url), new Visitor(server.url)];
    const { headers } = await begun.get(`/api/auth/sso/${clinic.id}`);
    expect(headers.get('location')).toContain(sso.provider.issuer);
    await clinic.administrator.api.delete(SSO);
    const gone = refused(404, 'not-found');
    expect(await begun.get('/api/auth/sso/callback?code=x&state=y')).toMatchObject(gone);
    expect(await late.get(`/api/auth/sso/${clinic.id}`)).toMatchObject(gone);
    expect([...begun.cookies.keys(), ...late.cookies.keys()]).toEqual([]);
    expect(await gil.visitor.state()).toBe('full');
  });
});
