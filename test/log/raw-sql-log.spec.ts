import { withClient } from '../support/database.js';
import { sealed } from '../support/log.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
  await sealed(server.database);
});
afterAll(() => server.stop());

const TABLES = ['leaves', 'tiles', 'checkpoints', 'anchorings', 'unsealed', 'log_state', 'events'];
const FORGED = [
  `INSERT INTO audit.leaves VALUES (1000000, gen_random_uuid(), now(), NULL)`,
  `INSERT INTO audit.tiles VALUES (0, 1000, sha256(''))`,
  `INSERT INTO audit.checkpoints (tree_size, root, note) VALUES (1, sha256(''), '')`,
  `INSERT INTO audit.anchorings VALUES ('me', 1, NULL)`,
  `INSERT INTO audit.log_state VALUES ('', NULL, false)`,
  `INSERT INTO audit.unsealed VALUES (gen_random_uuid(), now(), sha256(''))`,
  `INSERT INTO audit.events (action) VALUES ('x')`,
  `SELECT audit.record('x', 'success', NULL, NULL, NULL, NULL)`,
  `SELECT audit.record_present('app.patients', NULL)`,
];

describe('the application’s role', () => {
  it.each([
    ...TABLES.flatMap((table) => [`DELETE FROM audit.${table}`, `TRUNCATE audit.${table}`]),
    'UPDATE audit.tiles SET level = 1',
    ...FORGED,
  ])('can’t %s', async (statement) => {
    expect(await refusal(asApplication(server, clinic.administrator.token, (client) => client.query(statement)))).toBe(PRIVILEGE);
  });

  it('sees neither another clinic’s leaves nor what waits', async () => {
    const other = await makeClinic(server);
    await sealed(server.database);
    await asApplication(server, other.administrator.token, async (client) => {
      const { rows } = await client.query('SELECT DISTINCT clinic_id FROM audit.leaves');
      expect(rows).toEqual([{ clinic_id: other.id }]);
    });
    expect(
      await refusal(asApplication(server, other.administrator.token, (client) => client.query('SELECT event_id FROM audit.unsealed'))),
    ).toBe(PRIVILEGE);
  });
});

describe('the sealer’s role', () => {
  const asSealer = (statement: string): Promise<unknown> =>
    withClient(server.database.sealer, (client) => client.query(`BEGIN; ${statement}`));

  it.each([
    ...['leaves', 'tiles', 'checkpoints', 'anchorings', 'log_state', 'events'].map((table) => `DELETE FROM audit.${table}`),
    ...TABLES.map((table) => `TRUNCATE audit.${table}`),
    `UPDATE audit.leaves SET leaf_index = leaf_index + 1`,
    `UPDATE audit.tiles SET tile_index = 9`,
    `UPDATE audit.checkpoints SET note = ''`,
    `UPDATE audit.unsealed SET leaf_hash = sha256('')`,
    `UPDATE audit.events SET action = 'x'`,
    `SELECT details FROM audit.events`,
    `SELECT salt FROM audit.events`,
    `SELECT FROM app.patients`,
    ...FORGED.slice(5),
  ])('can’t %s', async (statement) => {
    expect(await refusal(asSealer(statement))).toBe(PRIVILEGE);
  });

  it.each([
    [`UPDATE audit.tiles SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 0`, 'tile_only_grows'],
    [`UPDATE audit.tiles SET hashes = substr(hashes, 1, 32) WHERE level = 0`, 'tile_only_grows'],
    [`INSERT INTO audit.tiles VALUES (0, 1000, '\\x00')`, 'tile_of_hashes'],
    [`INSERT INTO audit.leaves SELECT 1000000, event_id, occurred_at, clinic_id FROM audit.leaves LIMIT 1`, 'event_sealed_once'],
    [`INSERT INTO audit.leaves VALUES (-1, gen_random_uuid(), now(), NULL)`, 'leaf_index_from_zero'],
    [`INSERT INTO audit.anchorings VALUES ('me', 1000000, NULL)`, 'anchoring_of_checkpoint'],
  ])('can’t %s', async (statement, rule) => {
    expect(await refusal(asSealer(statement))).toBe(rule);
  });
});

describe('the owner', () => {
  it.each([
    ...['leaves', 'checkpoints', 'anchorings'].map((table) =>
      `UPDATE audit.${table} SET ${table === 'checkpoints' ? "note = ''" : 'anchored_at = now()'}`.replace(
        'leaves SET anchored_at = now()',
        'leaves SET clinic_id = NULL',
      ),
    ),
    ...['leaves', 'tiles', 'checkpoints', 'anchorings', 'events'].map((table) => `DELETE FROM audit.${table}`),
    ...['leaves', 'tiles', 'checkpoints, audit.anchorings', 'anchorings', 'events'].map((table) => `TRUNCATE audit.${table}`),
  ])('can’t %s by carelessness', async (statement) => {
    expect(await refusal(withClient(server.database.owner, (client) => client.query(`BEGIN; ${statement}`)))).toBe('log_append_only');
  });
});
