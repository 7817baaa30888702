import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../../dist/database/embedded.js';
import { migrate } from '../../dist/database/migrate.js';

const HOST = fileURLToPath(new URL('server-host.mjs', import.meta.url));

/** One PostgreSQL for the whole run, in it the migrated database that every test file copies; and for each worker a process for its servers. */
export default async function globalSetup({ maxWorkers }) {
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
  const hosts = Array.from({ length: maxWorkers }, () => fork(HOST, { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  process.env.ASSENT_TEST_HOSTS = JSON.stringify(await Promise.all(hosts.map(async (host) => (await once(host, 'message'))[0])));
  globalThis.stopTestRun = async () => {
    for (const host of hosts) host.disconnect();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  // Jest itself ends at once, without the teardown.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => void globalThis.stopTestRun().finally(() => process.exit(1)));
  }
}
