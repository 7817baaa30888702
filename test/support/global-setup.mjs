import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** One PostgreSQL for the whole run, and for each worker a process for its servers. All of them end with this process, also when it is killed. */
export default async function globalSetup({ maxWorkers }) {
  const forked = [];
  globalThis.stopTestRun = async () => {
    for (const host of forked.toReversed()) {
      if (host.exitCode !== null) continue;
      const exit = once(host, 'exit');
      host.disconnect();
      await exit;
    }
  };
  async function host(name) {
    const child = fork(fileURLToPath(new URL(name, import.meta.url)), { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    forked.push(child);
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
    if (child.exitCode !== null) throw new Error(`${name} ended with exit code ${child.exitCode}: its reason stands above.`);
    return message;
  }
  process.env.ASSENT_TEST_POSTGRES = JSON.stringify(await host('postgres-host.mjs'));
  process.env.ASSENT_TEST_HOSTS = JSON.stringify(await Promise.all(Array.from({ length: maxWorkers }, () => host('server-host.mjs'))));
}
