import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestDatabase } from './database.js';

/** What becomes of bytes on their way. */
export type Way = 'pass' | 'swallow' | 'refuse' | 'cut after COMMIT';

export interface Proxy {
  /** The same database by way of the proxy. */
  readonly database: TestDatabase;
  /** From now on, for connections that are there too. */
  set(way: Way): void;
  /** Cuts every connection. */
  cut(): void;
  /** Where PostgreSQL is now, after it was started again. */
  retarget(url: string): void;
  /** Holds all bytes back for so long. */
  hold(milliseconds: number): void;
  stop(): Promise<void>;
}

/** A way to PostgreSQL that can be interrupted. */
export async function startProxy(database: TestDatabase): Promise<Proxy> {
  let target = new URL(database.app);
  const sockets = new Set<Socket>();
  let way: Way = 'pass';
  let wait = 0;
  const server = createServer((client) => {
    if (way === 'refuse') return client.destroy();
    const postgres = connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      // One after another, as they came.
      let before = Promise.resolve();
      from.on('data', (bytes) => {
        if (way === 'swallow') return;
        const isCut = way === 'cut after COMMIT' && from === client && bytes.includes('COMMIT');
        if (isCut) way = 'pass';
        const pass = () => {
          // PostgreSQL gets it, and nobody hears of what it answers.
          if (isCut) to.write(bytes, () => client.destroy());
          else to.write(bytes);
        };
        const held = wait > 0 ? delay(wait) : undefined;
        before = before.then(() => held).then(pass);
      });
    }
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const through = (url: string): string => {
    const proxied = new URL(url);
    proxied.port = String(port);
    // The server's own limit is too long for a test.
    proxied.searchParams.set('query_timeout', '3000');
    return proxied.href;
  };
  const cut = () => sockets.forEach((socket) => socket.destroy());
  return {
    database: { ...database, app: through(database.app), identity: through(database.identity), sealer: through(database.sealer) },
    set: (next) => (way = next),
    cut,
    retarget: (url) => (target = new URL(url)),
    hold: (milliseconds) => (wait = milliseconds),
    stop: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
