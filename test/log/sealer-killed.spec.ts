import { createDatabase, type TestDatabase, withClient } from '../support/database.js';
import { rowsOf, sealed, until, verify } from '../support/log.js';
import { makeClinic, makePatient } from '../support/make.js';
import { startServer, startServerProcess, withServer } from '../support/server.js';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

async function expectEachOnce(): Promise<void> {
  await sealed(database);
  const [row] = await rowsOf(
    database,
    `SELECT (SELECT count(*) FROM audit.events) AS events, count(*) AS leaves, count(DISTINCT event_id) AS ids, max(leaf_index) + 1 AS size FROM audit.leaves`,
  );
  expect(new Set(Object.values(row ?? {})).size).toBe(1);
}

/** Until the sealer waits for a lock in a statement like this one. */
const waitsIn = (statement: string): Promise<void> =>
  withClient(database.superuser, (client) =>
    until(async () => {
      const { rowCount } = await client.query(
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'assent sealer' AND wait_event_type = 'Lock' AND query LIKE $1`,
        [`${statement}%`],
      );
      return rowCount === 1;
    }),
  );

/** So that nobody writes to the table. */
const holding = (table: string, during: (release: () => Promise<unknown>) => Promise<void>): Promise<void> =>
  withClient(database.superuser, async (client) => {
    await client.query(`BEGIN; LOCK ${table} IN EXCLUSIVE MODE`);
    await during(() => client.query('ROLLBACK'));
  });

describe('the server that seals, killed', () => {
  it.each([
    ['before its leaves', 'audit.leaves', 'INSERT INTO audit.leaves'],
    ['before its tiles', 'audit.tiles', 'INSERT INTO audit.tiles'],
    ['before its events stop waiting', 'audit.unsealed', 'DELETE FROM audit.unsealed'],
    ['before its checkpoint', 'audit.checkpoints', 'INSERT INTO audit.checkpoints'],
  ])('%s leaves the log as it was', async (_, table, statement) => {
    const server = await startServerProcess({ shared: database });
    const { practitioner } = await makeClinic(server);
    await sealed(database);
    // Events can be recorded until the sealer has begun, and then it goes as far as the other table.
    await holding('audit.leaves', async (release) => {
      await makePatient(practitioner);
      await waitsIn('INSERT INTO audit.leaves');
      if (table === 'audit.leaves') return server.kill();
      return holding(table, async () => {
        await release();
        await waitsIn(statement);
        await server.kill();
      });
    });
    await withServer({ shared: database }, expectEachOnce);
    expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
  });

  it('at any moment under load loses nothing and doubles nothing, and another one goes on', async () => {
    let server = await startServerProcess({ shared: database });
    const other = await startServer({ shared: database });
    const { practitioner } = await makeClinic(other);
    for (let round = 0; round < 5; round += 1) {
      const goOn = new AbortController();
      const load = (async () => {
        while (!goOn.signal.aborted) await Promise.all(Array.from({ length: 10 }, () => makePatient(practitioner)));
      })();
      const [before] = await rowsOf(database, 'SELECT max(id) AS id FROM audit.checkpoints');
      await until(async () => (await rowsOf(database, 'SELECT max(id) AS id FROM audit.checkpoints'))[0]?.['id'] !== before?.['id']);
      await server.kill();
      goOn.abort();
      await load;
      await expectEachOnce();
      server = await startServerProcess({ shared: database });
    }
    await server.stop();
    await other.stop();
    expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
  });

  it('or its connection, goes on', async () => {
    await withServer({ shared: database }, async (server) => {
      const { practitioner } = await makeClinic(server);
      for (let round = 0; round < 5; round += 1) {
        await makePatient(practitioner);
        await rowsOf(
          database,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'assent %'`,
        );
      }
      await expectEachOnce();
    });
    expect(await verify(database)).toMatchObject({ code: 0, stderr: '' });
  });
});
