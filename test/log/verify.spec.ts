import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyDatabase, createDatabase, type TestDatabase, withClient, withDatabase } from '../support/database.js';
import { findings, rowsOf, sealed, tamper, verify } from '../support/log.js';
import { makeClearedPatient, makeClinic, makeDiscussion, makePatient, makeScreening, SIGNATURE } from '../support/make.js';
import { startServer, withServer } from '../support/server.js';
import { asApplication } from '../support/sql.js';

/** A clinic's log, with its server stopped. */
let original: TestDatabase;
beforeAll(async () => {
  original = await createDatabase();
  const server = await startServer({ shared: original });
  await makeClearedPatient((await makeClinic(server)).practitioner);
  await server.stop();
});
afterAll(() => original.drop());

describe('the exit status of verification', () => {
  it('is 0 when all is as it was recorded', async () => {
    const { code, stdout, stderr } = await verify(original);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^All is as it was recorded: \d+ entries of localhost:\d+\/[\da-f]{8}, \d+ rows, 0 checkpoints kept outside/);
    expect(stdout).toContain('No independent copy was compared.');
  });

  const address = 'postgres://assent_owner:secret@127.0.0.1:1/nowhere';
  it.each([
    ['the database is away', { DATABASE_OWNER_URL: address }, [], /^The database can't be used: .*ECONNREFUSED/],
    ['there is no key', { DATA_DIR: '/nonexistent' }, [], /^There is no key in \/nonexistent\/log-key: set DATA_DIR or LOG_KEY\.\n$/],
    ['the key is none', { LOG_KEY: 'a secret' }, [], /^LOG_KEY holds no key of a log: Not a secret key\n$/],
    ['the configuration is wrong', { PORT: 'x' }, [], /^The configuration can't be used:\n {2}- PORT must be a port number/],
    ['an anchor is none', { LOG_ANCHORS: 'somewhere' }, [], /^LOG_ANCHORS: somewhere is no anchor/],
    ['the option isn’t known', {}, ['--fast'], /^Unknown option '--fast'/],
    ['the checkpoint isn’t there', {}, ['--checkpoint', '/nonexistent'], /^\/nonexistent can't be read/],
    ['the checkpoint is none', {}, ['--checkpoint', '/dev/null'], /^\/dev\/null holds no signed checkpoint/],
  ])('is 2 when %s, and it says so', async (_, env, args, message) => {
    const ended = await verify(original, args, env);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toMatch(message);
  });

  it('is 1 when a policy would hide rows from their owner', async () => {
    const database = await copyDatabase(original);
    await tamper(database, (client) => client.query('ALTER TABLE app.consents FORCE ROW LEVEL SECURITY'));
    const ended = await verify(database);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout).toContain(
      'consents can’t be compared with what was recorded: query would be affected by row-level security policy',
    );
    await database.drop();
  });
});

it('verifies a log of more than 65,536 entries, and names the one that was changed', async () => {
  await withDatabase({}, async (database) => {
    await withClient(database.owner, (client) =>
      client.query(
        `DO $$ BEGIN FOR n IN 1 .. 66000 LOOP PERFORM audit.record('read', 'success', 'getPatient', n::text, NULL, NULL); END LOOP; END $$`,
      ),
    );
    await withServer({ shared: database }, () => sealed(database));
    expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
    await tamper(database, (client) => client.query(`UPDATE audit.events SET subject_id = '0' WHERE subject_id = '65999'`));
    await tamper(database, (client) =>
      client.query('UPDATE audit.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level > 0'),
    );
    const { code, stdout } = await verify(database);
    expect(code).toBe(1);
    expect(findings({ code, stdout, stderr: '' })).toEqual([
      'tile 1/0 doesn’t match the entries below it',
      expect.stringMatching(/^event \S+ \(entry \d+\) isn’t the entry in the log: it was changed, or tile 0\/\d+ was$/),
      'tile 1/1 doesn’t match the entries below it',
      'tile 2/0 doesn’t match the entries below it',
    ]);
  });
});

it('finds nothing while a server seals and its anchor gets further', async () => {
  await withDatabase({}, async (database) => {
    const anchor = pathToFileURL(join(database.dataDir, 'anchor')).href;
    await withServer({ shared: database, env: { LOG_ANCHORS: anchor } }, async (server) => {
      const { practitioner } = await makeClinic(server);
      const goOn = new AbortController();
      const load = (async () => {
        while (!goOn.signal.aborted) await makePatient(practitioner);
      })();
      for (let round = 0; round < 3; round += 1) {
        expect(await verify(database, [], { LOG_ANCHORS: anchor })).toMatchObject({ code: 0, stderr: '' });
      }
      goOn.abort();
      await load;
    });
  });
});

it('compares rows with what was recorded, whatever the connection’s settings were', async () => {
  await withDatabase({}, async (database) => {
    await withServer({ shared: database }, async (server) => {
      const { practitioner } = await makeClinic(server);
      const patientId = await makePatient(practitioner);
      await makeScreening(practitioner, patientId);
      const discussionId = await makeDiscussion(practitioner, patientId);
      await asApplication(server, practitioner.token, async (client) => {
        await client.query(
          `SET bytea_output = escape; SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = -15`,
        );
        await client.query(
          `INSERT INTO app.consents (discussion_id, decision, decided_by, capacity_confirmed, alternatives_discussed, right_to_withdraw_told, teach_back, signature)
           VALUES ($1, 'given', 'patient', true, true, true, 'There is a very small risk of a stroke.', $2)`,
          [discussionId, JSON.stringify(SIGNATURE)],
        );
        await client.query('COMMIT');
      });
    });
    expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
  });
});

it('reads a kept checkpoint, and one in a message', async () => {
  const file = join(original.dataDir, 'kept');
  const [row] = await rowsOf(original, 'SELECT note FROM audit.checkpoints ORDER BY id DESC LIMIT 1');
  for (const text of [row?.['note'] ?? '', `Dear all,\r\n\r\n${row?.['note']?.replaceAll('\n', '\r\n')}\r\nYours, Assent\r\n`]) {
    await rm(file, { force: true });
    await appendFile(file, text);
    const { code, stdout } = await verify(original, ['--checkpoint', file]);
    expect(code).toBe(0);
    expect(stdout).toContain('1 checkpoints kept outside');
  }
});

it('finds nothing in a row that was changed twice while the clock was an hour ahead and set back', () =>
  withDatabase({}, async (database) => {
    await withServer({ shared: database }, async (server) => {
      const { receptionist, practitioner } = await makeClinic(server);
      const patientId = await makePatient(practitioner);
      const correct = async (phone: string) => {
        const { headers } = await receptionist.api.get(`/api/patients/${patientId}`);
        const etag = headers.get('etag') ?? '';
        expect((await receptionist.api.patch(`/api/patients/${patientId}`, { phone }, etag)).status).toBe(200);
        await sealed(database);
      };
      const ahead = (by: string) =>
        withClient(database.superuser, (client) => client.query(`ALTER TABLE audit.events ALTER id SET DEFAULT uuidv7(interval '${by}')`));
      await ahead('1 hour');
      await correct('+44 20 7946 0001');
      await ahead('0');
      await correct('+44 20 7946 0002');
    });
    expect(findings(await verify(database))).toEqual([]);
  }));
