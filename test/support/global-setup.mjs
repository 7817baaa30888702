import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbedded } from '../../dist/database/embedded.js';
import { migrate } from '../../dist/database/migrate.js';

/** One PostgreSQL for the whole run, and in it the migrated database that every test file copies. */
export default async function globalSetup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'assent-test-'));
  // Durability is what a test run doesn't need, and speed is.
  const postgres = await startEmbedded({ dataDir, settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } });
  await migrate({ owner: postgres.ownerUrl, app: postgres.appUrl, identity: postgres.identityUrl, sealer: postgres.sealerUrl });
  process.env.ASSENT_TEST_POSTGRES = JSON.stringify({
    superuser: postgres.superuserUrl,
    owner: postgres.ownerUrl,
    app: postgres.appUrl,
    identity: postgres.identityUrl,
    sealer: postgres.sealerUrl,
  });
  globalThis.stopTestPostgres = async () => {
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  // Jest itself ends at once, without the teardown.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void globalThis.stopTestPostgres().finally(() => process.exit(1)));
  }
}
