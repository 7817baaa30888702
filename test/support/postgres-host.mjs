// Runs PostgreSQL for a whole test run, in it the migrated database that every test file copies. Ends with the test run that forked it, however
// that ends: by itself, by a signal, or killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../dist/database/embedded.js';
import { migrate } from '../../dist/database/migrate.js';

// Ctrl-C reaches every process of the terminal: Jest ends, and this one after it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const ended = new Promise((resolve) => process.once('disconnect', resolve));
const dataDir = await mkdtemp(join(tmpdir(), 'assent-test-'));
// Durability is what a test run doesn't need, and speed is.
const postgres = await startEmbedded({ dataDir, settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } });
try {
  const { superuserUrl: superuser, ownerUrl: owner, appUrl: app, identityUrl: identity, sealerUrl: sealer } = postgres;
  await migrate({ owner, app, identity, sealer });
  if (process.connected) process.send({ superuser, owner, app, identity, sealer });
  await ended;
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
