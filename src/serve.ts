import { once } from 'node:events';
import { createServer as createProbe } from 'node:net';
import { isEmpty } from './clinics/create-clinic.js';
import { accountsFile, createDemoClinic, refreshDemoUrl } from './clinics/demo.js';
import { type Config, ConfigError, type DatabaseUrls } from './config.js';
import { loadSecret } from './secret.js';
import { createServer } from './server.js';

export interface Serving {
  readonly baseUrl: string;
  /** How to sign in, for the person who started it. */
  readonly signIn: string;
  close(): Promise<void>;
}

/** Serves on a port that freePort found, from a database that is up to date. */
export async function serve(config: Config, database: DatabaseUrls, port: number): Promise<Serving> {
  const baseUrl = config.baseUrl ?? `http://localhost:${port}`;
  const signIn = await howToSignIn(config, database, baseUrl);
  const app = await createServer({
    database,
    poolSize: config.poolSize,
    secret: config.authSecret ?? (await loadSecret(config.dataDir)),
    baseUrl,
    trustProxy: config.trustProxy,
    mail: config.mail,
    logLevel: config.logLevel,
    log: { dataDir: config.dataDir, key: config.logKey, anchors: config.logAnchors },
  });
  try {
    await app.listen(port, config.host);
  } catch (error) {
    await app.close();
    refusePort(error, config);
  }
  return { baseUrl, signIn, close: () => app.close() };
}

/** Port 0: any free one. */
export async function freePort(config: Config): Promise<number> {
  const probe = createProbe().listen(config.port, config.host);
  await once(probe, 'listening').catch((error: unknown) => refusePort(error, config));
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address ? address.port : config.port;
}

function refusePort(error: unknown, { port, host }: Config): never {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  throw new ConfigError(
    'code' in error && error.code === 'EADDRINUSE'
      ? `Port ${port} is taken. Stop what listens there, or set PORT to another.`
      : `PORT ${port} on HOST ${host} can't be used: ${error.message}`,
  );
}

/** Makes the demo clinic if the database is empty. */
async function howToSignIn({ demo, dataDir }: Config, database: DatabaseUrls, baseUrl: string): Promise<string> {
  const empty = await isEmpty(database.owner);
  if (empty && !demo) return 'There is no clinic yet: stop Assent, set yours up with "npm run setup", and start it again.';
  const made = empty ? await createDemoClinic(database.owner, dataDir, baseUrl) : undefined;
  if (made) {
    const width = Math.max(...made.map(({ email }) => email.length));
    const lines = made.map(({ role, email, password }) => `  ${role.padEnd(14)} ${email.padEnd(width)}  ${password}`);
    return ['', 'A demo clinic was made. Sign in as:', ...lines, `This is shown once and kept in ${accountsFile(dataDir)}`].join('\n');
  }
  return (await refreshDemoUrl(dataDir, baseUrl))
    ? `Sign in with an account of the demo clinic: they are in ${accountsFile(dataDir)}`
    : 'Sign in with your email address and password.';
}
