import type { IncomingMessage } from 'node:http';
import { copySession, finish, parseCsv, startDownload } from '../support/csv.js';
import { makeClearedPatient, makeClinic, makePatient, makeSession, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';
import { asSuperuser } from '../support/sql.js';

const CSV = '/api/reports/disclosures.csv';
/** More than the buffers of both ends of a connection hold, so that the server has to wait. */
const MANY = 30_000;

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
});
beforeEach(async () => {
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

/** What is recorded of exports, the oldest first. */
// oxlint-disable-next-line typescript/no-explicit-any -- as an Answer's body
async function exportsOf(by = clinic): Promise<any[]> {
  const other = await signIn(server, by.administrator.id);
  const { body } = await other.api.get('/api/audit/events?action=export');
  return body.items.toReversed() as never;
}

/** Until the database says so; each question is a round trip. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds()));
}

/** The server's connections that are at work, or in a transaction. */
async function busyConnections(): Promise<number> {
  const [row] = await asSuperuser(
    server,
    `SELECT count(*) AS busy FROM pg_stat_activity WHERE datname = current_database() AND usename = 'assent_app' AND state <> 'idle'`,
  );
  return Number(row?.['busy']);
}

const outcome = (answer: IncomingMessage) =>
  finish(answer).then(
    () => 'whole',
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );

async function makeMany(): Promise<string> {
  const { patientId } = await makeClearedPatient(clinic.practitioner);
  const sessionId = await makeSession(clinic.practitioner, patientId);
  await copySession(server, sessionId, MANY - 1);
  return sessionId;
}

describe('GET /reports/disclosures.csv', () => {
  it('is a line a session under a header, in UTF-8 with a byte order mark, to save under a name', async () => {
    const { patientId, consentId, discussionId } = await makeClearedPatient(clinic.practitioner);
    const sessionId = await makeSession(clinic.practitioner, patientId);
    const answer = await startDownload(server, clinic.administrator, CSV);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': expect.stringMatching(/^attachment; filename="assent-disclosures-\d{4}-\d\d-\d\d\.csv"$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    const text = await finish(answer);
    expect(text[0]).toBe('\ufeff');
    const [header = [], ...lines] = parseCsv(text.slice(1));
    expect(lines).toHaveLength(1);
    const row = Object.fromEntries(header.map((name, index) => [name, lines[0]?.[index]]));
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(row).toEqual({
      session_id: sessionId,
      started_at: instant,
      practitioner_id: clinic.practitioner.id,
      practitioner: 'Ben Practitioner',
      patient_id: patientId,
      record_number: expect.stringMatching(/^\d{6}$/),
      given_name: 'Rosa',
      family_name: 'García',
      consent_id: consentId,
      decided_at: instant,
      decided_by: 'patient',
      representative: '',
      relationship: '',
      mode: 'in_person',
      language: 'en',
      interpreter: '',
      regions: 'cervical lumbar',
      discussion_id: discussionId,
      disclosure_id: expect.any(String),
      disclosure_version: '1',
      risks_discussed: '5',
      risks: expect.stringMatching(/^(\w+ \S+Z \| ){4}\w+ \S+Z$/),
      discussed_by: 'Ben Practitioner',
      reported_before: '',
      seconds_from_last_risk_to_start: '0',
    });
  });

  it('has the header where there is nothing to report', async () => {
    const { body } = await clinic.administrator.api.get(CSV);
    expect(parseCsv(body as string)).toEqual([expect.arrayContaining(['session_id', 'seconds_from_last_risk_to_start'])]);
  });

  it.each([
    ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(1)', "'@SUM(1)"],
    ['＝1', "'＝1"],
    ['x;=1+1;y', "x;'=1+1;y"],
    ['a, "b"', 'a, "b"'],
    ["O'Brien-Núñez", "O'Brien-Núñez"],
  ])('writes the name %j so that a spreadsheet takes it for text', async (name, written) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await clinic.practitioner.api.patch(`/api/patients/${patientId}`, { familyName: name }, '"1"');
    const [header = [], line = []] = parseCsv((await clinic.administrator.api.get(CSV)).body as string);
    expect(line[header.indexOf('family_name')]).toBe(written);
  });

  it.each(['\t=1', '\r=1', '\n=1'])('defuses %j, which only raw SQL could have written', async (name) => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await asSuperuser(server, 'UPDATE app.patients SET family_name = $2 WHERE id = $1', [patientId, name]);
    const [header = [], line = []] = parseCsv((await clinic.administrator.api.get(CSV)).body as string);
    expect(line[header.indexOf('family_name')]).toMatch(/^'?[\t\r\n]'=1$/);
  });

  it('has every session once, newest first, over many pages, and those that the filters name', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await copySession(server, await makeSession(clinic.practitioner, patientId), 2_999);
    const ordered = await asSuperuser(server, 'SELECT id FROM app.sessions WHERE clinic_id = $1 ORDER BY started_at DESC, id DESC', [
      clinic.id,
    ]);
    const ids = async (query = '') =>
      parseCsv((await clinic.administrator.api.get(CSV + query)).body as string)
        .slice(1)
        .map(([id]) => id);
    expect(await ids()).toEqual(ordered.map(({ id }) => id));
    expect(await ids(`?patientId=${patientId}&region=lumbar`)).toHaveLength(3_000);
    expect(await ids('?region=pelvic')).toEqual([]);
    expect(await ids(`?patientId=${await makePatient(clinic.practitioner)}`)).toEqual([]);
  });

  it('is recorded with its filters, and how it ended', async () => {
    const { patientId } = await makeClearedPatient(clinic.practitioner);
    await makeSession(clinic.practitioner, patientId);
    await clinic.administrator.api.get(`${CSV}?patientId=${patientId}&region=lumbar`);
    const [began, ended, ...others] = await exportsOf();
    const about = { action: 'export', outcome: 'success', subject: 'exportDisclosures', patientId, staffId: clinic.administrator.id };
    expect(began).toMatchObject({ ...about, details: { filters: { patientId, region: 'lumbar' } } });
    expect(ended).toMatchObject({ ...about, requestId: began.requestId, details: { complete: true, lines: 1 } });
    expect(others).toEqual([]);
  });

  it('begins and is recorded by GET, not by HEAD', async () => {
    await makeSession(clinic.practitioner, (await makeClearedPatient(clinic.practitioner)).patientId);
    const { status, body, headers } = await clinic.administrator.api.call('HEAD', CSV);
    expect({ status, body, type: headers.get('content-type') }).toEqual({
      status: 200,
      body: '',
      type: 'text/csv; charset=utf-8; header=present',
    });
    expect(await exportsOf()).toEqual([]);
  });

  it('doesn’t leave where it can’t be recorded', () =>
    withServer({}, async (own) => {
      const { administrator, practitioner } = await makeClinic(own);
      await makeSession(practitioner, (await makeClearedPatient(practitioner)).patientId);
      await asSuperuser(own, 'REVOKE EXECUTE ON FUNCTION audit.record_read(text, text, text, uuid, jsonb) FROM assent_app');
      const { status, body, headers } = await administrator.api.get(CSV);
      expect({ status, code: body.code, type: headers.get('content-type'), file: headers.get('content-disposition') }).toEqual({
        status: 403,
        code: 'forbidden',
        type: 'application/problem+json; charset=utf-8',
        file: null,
      });
    }));
});

describe('an export that is on its way', () => {
  it('is in the record already, and holds no connection to the database', async () => {
    await makeMany();
    const answer = await startDownload(server, clinic.administrator, CSV);
    expect((await exportsOf()).map(({ details }) => details)).toEqual([{ filters: {} }]);
    await until(async () => (await busyConnections()) === 0);
    expect((await exportsOf()).map(({ details }) => details)).toEqual([{ filters: {} }]);
    expect(parseCsv((await finish(answer)).slice(1))).toHaveLength(MANY + 1);
    expect((await exportsOf()).at(-1).details).toEqual({ complete: true, lines: MANY });
  });

  it('stops when the reader goes away, and says how far it was', async () => {
    await makeMany();
    const answer = await startDownload(server, clinic.administrator, CSV);
    answer.destroy();
    await until(async () => (await exportsOf()).length === 2);
    const { details, address } = (await exportsOf()).at(-1);
    expect(details).toEqual({ complete: false, lines: expect.any(Number) });
    expect(details.lines).toBeLessThan(MANY);
    expect(address).toMatch(/127\.0\.0\.1|::1/);
    expect(await busyConnections()).toBe(0);
  });

  const endings: Record<string, (administrator: string) => Promise<unknown>> = {
    'the session ends': () => clinic.administrator.api.call('POST', '/api/auth/sign-out'),
    'the person is deactivated': (id) =>
      asSuperuser(server, `UPDATE app.staff SET active = tstzrange(lower(active), clock_timestamp()) WHERE id = $1`, [id]),
    'the person is no administrator any more': (id) =>
      asSuperuser(server, `UPDATE app.staff SET role = 'receptionist' WHERE id = $1`, [id]),
    'the session is another clinic’s': async (id) => {
      const other = await makeClinic(server);
      await asSuperuser(
        server,
        `WITH place AS (
           INSERT INTO app.staff (clinic_id, user_id, name, email, role, active)
           SELECT $2, user_id, name, email, role, tstzrange(now(), NULL) FROM app.staff WHERE id = $1 RETURNING id, user_id)
         UPDATE auth.session SET staff_id = place.id FROM place WHERE "userId" = place.user_id`,
        [id, other.id],
      );
    },
    'the session expires': () =>
      asSuperuser(
        server,
        `UPDATE auth.session SET "expiresAt" = now() - interval '1 second' WHERE staff_id = '${clinic.administrator.id}'`,
      ),
  };
  it.each(Object.keys(endings))('breaks off visibly when %s', async (ending) => {
    await makeMany();
    const answer = await startDownload(server, clinic.administrator, CSV);
    await endings[ending]?.(clinic.administrator.id);
    expect(await outcome(answer)).toBe('ECONNRESET');
    expect(answer.complete).toBe(false);
    const rows = await asSuperuser(server, `SELECT details FROM audit.events WHERE clinic_id = $1 AND action = 'export'`, [clinic.id]);
    expect(rows.map(({ details }) => JSON.parse(details ?? ''))).toEqual([{ filters: {} }]);
    expect((await clinic.practitioner.api.get('/api/me')).status).toBe(200);
  });
});
