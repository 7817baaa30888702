import { createServer as createProbe } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { accountsFile, type DemoAccount, foundDemoClinic, refreshDemoUrl } from './clinics/demo.js';
import { isEmpty } from './clinics/found.js';
import { type Config, ConfigError, loadConfig } from './config.js';
import { EmbeddedPostgresError } from './database/embedded/error.js';
import { type OpenDatabase, openDatabase } from './database/open.js';
import { loadSecret } from './secret.js';
import { createServer } from './server.js';

/** Starts everything and serves until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const port = await freePort(config);
  const baseUrl = config.baseUrl ?? `http://localhost:${port}`;
  const database = await openDatabase(config, (error) => fail(error));
  let app: NestFastifyApplication | undefined;
  try {
    const accounts = await demoAccounts(config, database, baseUrl);
    app = await createServer({
      database: database.urls,
      poolSize: config.poolSize,
      authSecret: config.authSecret ?? (await loadSecret(config.dataDir)),
      baseUrl,
      trustProxy: config.trustProxy,
    });
    await app.listen(port, config.host);
    announce(config, baseUrl, accounts);
  } catch (error) {
    await app?.close();
    await database.close();
    throw error;
  }
  stopOnSignal(app, database);
}

/** Found out before anything is started, so that a taken port costs nothing. Port 0: any free one. */
function freePort({ port, host }: Config): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createProbe();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new ConfigError(`Port ${port} is taken. Stop what listens there, or choose another: PORT=3001 npm start`)
          : new ConfigError(`PORT ${port} on HOST ${host} can't be used: ${error.message}`),
      );
    });
    probe.listen(port, host, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}

async function demoAccounts(config: Config, database: OpenDatabase, baseUrl: string): Promise<readonly DemoAccount[] | undefined> {
  if (!config.demo) return undefined;
  if (await isEmpty(database.urls.owner)) return foundDemoClinic(database.urls.owner, config.dataDir, baseUrl);
  await refreshDemoUrl(config.dataDir, baseUrl);
  return undefined;
}

function announce(config: Config, baseUrl: string, accounts: readonly DemoAccount[] | undefined): void {
  const lines = [`Assent is ready: ${baseUrl}`];
  if (accounts) {
    const width = Math.max(...accounts.map(({ email }) => email.length));
    lines.push(
      '',
      'A demo clinic was made. Sign in as:',
      ...accounts.map(({ role, email, password }) => `  ${role.padEnd(14)} ${email.padEnd(width)}  ${password}`),
    );
    lines.push(`These are shown once and kept in ${accountsFile(config.dataDir)}`);
  } else if (config.demo) {
    lines.push(`Demo accounts, if this is the demo clinic: ${accountsFile(config.dataDir)}`);
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function stopOnSignal(app: NestFastifyApplication, database: OpenDatabase): void {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      await app.close();
      await database.close();
      process.exit(0);
    })().catch(fail);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function fail(error: unknown): never {
  // What the operator can mend is said in words; a defect comes with its stack.
  const expected = error instanceof ConfigError || error instanceof EmbeddedPostgresError;
  process.stderr.write(`${error instanceof Error ? (expected ? error.message : error.stack) : String(error)}\n`);
  process.exit(1);
}

await main().catch(fail);
