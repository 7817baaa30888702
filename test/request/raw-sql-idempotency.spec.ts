import { randomUUID } from 'node:crypto';
import type { Client } from 'pg';
import { withClient } from '../support/database.js';
import { makeClinic, type Person, type TestClinic } from '../support/make.js';
import { startServer, type TestServer } from '../support/server.js';
import { asApplication, asSuperuser, PRIVILEGE, refusal } from '../support/sql.js';

let server: TestServer;
let clinic: TestClinic;
beforeAll(async () => {
  server = await startServer();
  clinic = await makeClinic(server);
});
afterAll(() => server.stop());

const ROSA = { givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' };
const PRINT = Buffer.alloc(32, 7);
const KEEP = `SELECT app.store_response($1, $2, $3, $4::smallint, '{}', '"forged"')`;

async function claim(client: Client, key: string, fingerprint: Buffer = PRINT): Promise<string | undefined> {
  const { rows } = await client.query<{ verdict: string }>('SELECT verdict FROM app.claim_request($1, $2)', [key, fingerprint]);
  return rows[0]?.verdict;
}
const keep = (client: Client, by: Person, key: string, status = 201) => client.query(KEEP, [clinic.id, by.id, key, status]);
const as = <T>(by: Person, statements: (client: Client) => Promise<T>, begin?: string) =>
  asApplication(server, by.token, statements, begin);

/** A key with which the practitioner has registered a patient. */
async function usedKey(): Promise<string> {
  const key = randomUUID();
  const { status } = await clinic.practitioner.api.call('POST', '/api/patients', ROSA, { 'idempotency-key': key });
  expect(status).toBe(201);
  return key;
}

describe('kept answers, by raw SQL', () => {
  it.each([
    'SELECT FROM app.idempotency_keys',
    `INSERT INTO app.idempotency_keys (key, fingerprint) VALUES ('${randomUUID()}', '\\x00')`,
    `UPDATE app.idempotency_keys SET body = '"forged"'`,
    'DELETE FROM app.idempotency_keys',
    'TRUNCATE app.idempotency_keys',
    `SELECT app.idempotency_key_is_valid(now())`,
  ])('are out of reach: %s', async (statement) => {
    expect(await refusal(as(clinic.practitioner, (client) => client.query(statement)))).toBe(PRIVILEGE);
    expect(await refusal(withClient(server.database.identity, (client) => client.query(statement)))).toBe(PRIVILEGE);
  });

  it('are one’s own, should the role ever read the table', async () => {
    const key = await usedKey();
    await asSuperuser(server, 'GRANT SELECT ON app.idempotency_keys TO assent_app');
    const seen = (by: Person) =>
      as(by, async (client) => (await client.query('SELECT FROM app.idempotency_keys WHERE key = $1', [key])).rowCount);
    expect([await seen(clinic.practitioner), await seen(clinic.colleague), await seen(clinic.administrator)]).toEqual([1, 0, 0]);
    await asSuperuser(server, 'REVOKE SELECT ON app.idempotency_keys FROM assent_app');
  });

  it('aren’t claimed by nobody', async () => {
    expect(await asApplication(server, null, (client) => claim(client, randomUUID()))).toBeUndefined();
    expect(await asApplication(server, 'x'.repeat(43), (client) => claim(client, randomUUID()))).toBeUndefined();
  });

  it('aren’t claimed for anybody else, nor found out about', async () => {
    const key = await usedKey();
    expect(await as(clinic.practitioner, (client) => claim(client, key))).toBe('other_request');
    expect(await as(clinic.colleague, (client) => claim(client, key))).toBe('claimed');
  });

  it('are given by the transaction that claimed the key, and by no other', async () => {
    const { practitioner, colleague } = clinic;
    const key = await usedKey();
    expect(await refusal(as(practitioner, (client) => keep(client, practitioner, key)))).toBe(PRIVILEGE);
    expect(await refusal(as(colleague, (client) => keep(client, practitioner, key)))).toBe(PRIVILEGE);
    // Nor by one that has claimed something else.
    const claimed = as(colleague, async (client) => (await claim(client, key), keep(client, practitioner, key)));
    expect(await refusal(claimed)).toBe(PRIVILEGE);

    const unanswered = randomUUID();
    await as(practitioner, async (client) => (await claim(client, unanswered), client.query('COMMIT')));
    expect(await refusal(as(practitioner, (client) => keep(client, practitioner, unanswered)))).toBe(PRIVILEGE);
    expect(await as(practitioner, (client) => claim(client, unanswered))).toBe('not_kept');
  });

  it('are given once', async () => {
    const { practitioner } = clinic;
    const key = randomUUID();
    const twice = as(practitioner, async (client) => {
      await claim(client, key);
      await keep(client, practitioner, key);
      return keep(client, practitioner, key);
    });
    expect(await refusal(twice)).toBe(PRIVILEGE);
  });

  it.each([
    ['too-short', PRINT, 201, 'idempotency_key_form'],
    [`${randomUUID()} `, PRINT, 201, 'idempotency_key_form'],
    [randomUUID(), Buffer.alloc(31), 201, 'idempotency_key_fingerprint'],
    [randomUUID(), PRINT, 422, 'idempotency_key_of_what_was_written'],
    [randomUUID(), PRINT, 500, 'idempotency_key_of_what_was_written'],
  ])('have a form: %j, %j, %i', async (key, fingerprint, status, rule) => {
    const { practitioner } = clinic;
    const made = as(practitioner, async (client) => (await claim(client, key, fingerprint), keep(client, practitioner, key, status)));
    expect(await refusal(made)).toBe(rule);
  });

  it('are forgotten when they are old, and not before', async () => {
    const key = await usedKey();
    const forget = () =>
      as(clinic.administrator, async (client) => (await client.query('SELECT app.delete_expired_idempotency_keys() AS gone')).rows[0].gone);
    expect(await forget()).toBe('0');
    await asSuperuser(server, `UPDATE app.idempotency_keys SET claimed_at = claimed_at - interval '24 hours' WHERE key = $1`, [key]);
    expect(await forget()).toBe('1');
  });
});

describe('a key that a transaction holds', () => {
  it('is refused to another at once, and free when the first is rolled back', async () => {
    const key = randomUUID();
    await as(clinic.practitioner, async (first) => {
      expect(await claim(first, key)).toBe('claimed');
      await first.query('SAVEPOINT later');
      expect(await as(clinic.practitioner, (second) => claim(second, key))).toBe('in_flight');
      expect(await as(clinic.colleague, (second) => claim(second, key))).toBe('claimed');
      await first.query('ROLLBACK');
      expect(await as(clinic.practitioner, (second) => claim(second, key))).toBe('claimed');
    });
  });

  it('isn’t claimed twice from a snapshot that is too old to see the first', async () => {
    const key = randomUUID();
    const late = as(
      clinic.practitioner,
      async (old) => {
        await as(clinic.practitioner, async (first) => (await claim(first, key), first.query('COMMIT')));
        return claim(old, key);
      },
      'BEGIN ISOLATION LEVEL REPEATABLE READ',
    );
    // Serialization failure.
    expect(await refusal(late)).toBe('40001');
  });
});
