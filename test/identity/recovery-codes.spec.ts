import { makeClinic, PASSWORD, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';
import { enrol, makeMember, makeStale, type Member, recorded, refused, visit } from '../support/visitor.js';

const VERIFY = '/api/auth/verify';
const RENEW = '/api/me/recovery-codes';
const WRONG = refused(401, 'verification.refused');

let server: TestServer;
let clinic: TestClinic;
let gil: Member;
let codes: string[];
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
beforeEach(async () => {
  gil = await makeMember(server, clinic);
  codes = (await enrol(gil)).recoveryCodes;
});
afterAll(() => server.stop());

describe('a recovery code', () => {
  it('is one of ten of 24 characters, none like another', () => {
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[a-km-np-z2-9]{4}(-[a-km-np-z2-9]{4}){5}$/);
  });

  it('is a hash in the database', async () => {
    const rows = await asSuperuser(server, 'SELECT hash FROM auth.recovery_code WHERE user_id = $1', [gil.userId]);
    expect(rows).toHaveLength(10);
    for (const { hash } of rows) expect(hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('stands in for the app, once', async () => {
    const [one, other] = [await visit(server, gil), await visit(server, gil)];
    expect(await one.post(VERIFY, { recoveryCode: codes[0] })).toMatchObject({
      status: 200,
      body: { state: 'full', methods: ['password', 'recovery_code'], factors: ['totp', 'recovery_code'] },
    });
    expect(await other.post(VERIFY, { recoveryCode: codes[0] })).toMatchObject(WRONG);
    expect(await other.post(VERIFY, { recoveryCode: codes[1] })).toMatchObject({ status: 200, body: { state: 'full' } });
    expect((await recorded(server, gil)).slice(1)).toEqual(['verification success', 'verification failure', 'verification success']);
  });

  it('counts once of five times at once', async () => {
    const visitors = await Promise.all([1, 2, 3, 4, 5].map(() => visit(server, gil)));
    const answers = await Promise.all(visitors.map((visitor) => visitor.post(VERIFY, { recoveryCode: codes[0] })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401]);
  });

  it('is read as people write it', async () => {
    const writings = [
      (code: string) => code.replaceAll('-', ''),
      (code: string) => code.toUpperCase(),
      (code: string) => ` ${code.replaceAll('-', ' ')} `,
    ];
    for (const [index, write] of writings.entries()) {
      const visitor = await visit(server, gil);
      expect(await visitor.post(VERIFY, { recoveryCode: write(codes[index] ?? '') })).toMatchObject({
        status: 200,
        body: { state: 'full' },
      });
    }
  });

  it.each(['', '-', 'x', 'aaaa-aaaa-aaaa-aaaa-aaaa-aaaa', '%', `' OR true --`])('isn’t %j', async (recoveryCode) => {
    const visitor = await visit(server, gil);
    expect(await visitor.post(VERIFY, { recoveryCode })).toMatchObject(WRONG);
    expect(await visitor.state()).toBe('second_factor');
  });

  it.each([7, ['x'], { $ne: '' }, 'x'.repeat(61), 'a\0b'])('is no %j', async (recoveryCode) => {
    expect(await gil.visitor.post(VERIFY, { recoveryCode })).toMatchObject({ status: 400, body: { code: 'malformed' } });
  });

  it('of somebody else doesn’t count', async () => {
    const other = await makeMember(server, clinic);
    const theirs = await enrol(other);
    const visitor = await visit(server, gil);
    expect(await visitor.post(VERIFY, { recoveryCode: theirs.recoveryCodes[0] })).toMatchObject(WRONG);
    expect((await other.visitor.post(VERIFY, { recoveryCode: theirs.recoveryCodes[0] })).status).toBe(200);
  });

  it('is none any more once all are spent', async () => {
    for (const recoveryCode of codes) expect((await gil.visitor.post(VERIFY, { recoveryCode })).status).toBe(200);
    expect((await gil.visitor.get('/api/auth/session')).body.factors).toEqual(['totp']);
  });
});

describe('new recovery codes', () => {
  it('replace the old ones', async () => {
    const { status, body } = await gil.visitor.post(RENEW);
    expect(status).toBe(201);
    expect(body.recoveryCodes).toHaveLength(10);
    expect(codes.filter((code) => body.recoveryCodes.includes(code))).toEqual([]);
    const visitor = await visit(server, gil);
    expect(await visitor.post(VERIFY, { recoveryCode: codes[0] })).toMatchObject(WRONG);
    expect(await visitor.post(VERIFY, { recoveryCode: body.recoveryCodes[0] })).toMatchObject({ status: 200, body: { state: 'full' } });
    expect(await recorded(server, gil)).toContain('recovery-codes.renew success');
  });

  it('need an authentication of a short while ago', async () => {
    await makeStale(server, gil);
    expect(await gil.visitor.post(RENEW)).toMatchObject(refused(403, 'reauthentication-required'));
    expect((await gil.visitor.post(VERIFY, { password: PASSWORD })).status).toBe(200);
    expect((await gil.visitor.post(RENEW)).status).toBe(201);
  });

  it('are for those who have a second factor', async () => {
    const other = await makeMember(server, clinic);
    expect(await other.visitor.post(RENEW)).toMatchObject(refused(409, 'recovery-codes.no-factor'));
  });
});
