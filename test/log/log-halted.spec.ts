import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { newKey } from '../../src/log/format/keys.js';
import { copyDatabase, type TestDatabase, withDatabase } from '../support/database.js';
import { logSigner, rowsOf, sealed, tamper, until, verify } from '../support/log.js';
import { makeClinic, makePatient, type Person, signIn, type TestClinic } from '../support/make.js';
import { startServer, type TestServer, withServer } from '../support/server.js';

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Sizes of the log that the witness has signed, beyond one. */
const WITNESSED = `SELECT FROM audit.anchorings JOIN audit.checkpoints ON id = checkpoint_id WHERE receipt IS NOT NULL AND tree_size > $1`;

/** What its administrator sees once the log is halted, and that nothing was signed since. */
async function expectHalted(server: TestServer, clinic: TestClinic, reason: RegExp): Promise<void> {
  const { api }: Person = await signIn(server, clinic.administrator.id);
  await until(async () => (await api.get('/api/audit/log')).body.halted as boolean);
  const { body } = await api.get('/api/audit/log');
  expect(body.problem).toMatch(reason);
  const [before] = await rowsOf(server.database, 'SELECT max(id) AS id FROM audit.checkpoints');
  // Events are recorded all the same, and more than a turn of the sealer goes by.
  await rowsOf(server.database, 'SELECT pg_sleep(2)');
  expect(await rowsOf(server.database, 'SELECT max(id) AS id FROM audit.checkpoints')).toEqual([before]);
}

describe('a log that doesn’t fit to what was signed', () => {
  it('isn’t signed on after a backup was restored: its file knows more', async () => {
    await withDatabase({}, async (database) => {
      const env = { LOG_ANCHORS: pathToFileURL(join(database.dataDir, 'anchor')).href };
      const first = await startServer({ shared: database, env });
      const clinic = await makeClinic(first);
      await sealed(database);
      await first.stop();
      const backup = await copyDatabase(database);
      await withServer({ shared: database, env }, async (server) => {
        await makePatient(await signIn(server, clinic.practitioner.id));
        await sealed(database);
      });
      await withServer({ shared: backup, env }, async (server) => {
        await expectHalted(server, clinic, /^The database was set back: file:\S+ has seen \d+ entries, but the log has \d+\.$/);
      });
      expect((await verify(backup, [], env)).stdout).toContain('the database was set back');
      await backup.drop();
    });
  });

  it('isn’t signed on by a server with another key, and one with the right key goes on beside it', async () => {
    await withDatabase({}, async (database) => {
      const right = await startServer({ shared: database });
      const clinic = await makeClinic(right);
      await sealed(database);
      await right.stop();
      await withServer({ shared: database, env: { LOG_KEY: newKey('localhost/another', 'note') } }, async (wrong) => {
        await expectHalted(wrong, clinic, /^The last checkpoint can't be trusted with the key of this server/);
        await withServer({ shared: database }, async (server) => {
          // Something to seal.
          await makePatient(await signIn(server, clinic.practitioner.id));
          await sealed(database);
        });
      });
      expect((await verify(database)).code).toBe(0);
    });
  });

  it.each([
    [
      'a tile was changed',
      `UPDATE audit.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 0`,
      /isn't the one whose root/,
    ],
    [
      'its end was removed',
      `DELETE FROM audit.leaves WHERE leaf_index = (SELECT max(leaf_index) FROM audit.leaves)`,
      /^The log has \d+ entries, and/,
    ],
  ])('isn’t signed on when %s', async (_, sql, reason) => {
    await withDatabase({}, async (database) => {
      const first = await startServer({ shared: database });
      const clinic = await makeClinic(first);
      await sealed(database);
      await first.stop();
      await tamper(database, (client) => client.query(sql));
      await withServer({ shared: database }, (server) => expectHalted(server, clinic, reason));
    });
  });

  it('isn’t signed on by the second of two servers whose databases were one', async () => {
    await withDatabase({}, async (database) => {
      const first = await startServer({ shared: database });
      const clinic = await makeClinic(first);
      await sealed(database);
      await first.stop();
      await withWitness(database, async (address) => {
        const env = { LOG_ANCHORS: address };
        const fork = await copyDatabase(database);
        const [common] = await rowsOf(database, 'SELECT max(tree_size) AS size FROM audit.checkpoints');
        await withServer({ shared: database, env }, async (server) => {
          await makePatient(await signIn(server, clinic.practitioner.id));
          // More than both have in common. The witness gets a checkpoint at once, and the next one ten seconds later.
          await until(async () => (await rowsOf(database, WITNESSED, [common?.['size']])).length > 0);
        });
        expect((await verify(database, [], env)).code).toBe(0);
        await withServer({ shared: fork, env }, (server) => expectHalted(server, clinic, /knows of \d+ entries|has seen/));
        await fork.drop();
      });
    });
  });
});

async function withWitness(database: TestDatabase, use: (address: string) => Promise<void>): Promise<void> {
  const { publicKey } = await logSigner(database);
  const folder = join(database.dataDir, 'witness');
  const child = spawn(
    process.execPath,
    [CLI, 'witness', '--name', 'witness.example', '--folder', folder, '--port', '0', '--log', publicKey],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const ended = once(child, 'exit');
  try {
    let output = '';
    const address = await new Promise<string>((resolve, reject) => {
      void ended.then(([code]) => reject(new Error(`The witness ended with ${code}.`)));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        const given = /^ {2}(witness\+\S+)$/m.exec(output)?.[1];
        if (given) resolve(given);
      });
    });
    await use(address);
  } finally {
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
  }
}
