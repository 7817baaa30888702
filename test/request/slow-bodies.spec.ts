import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Caller } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ env: { TRUST_PROXY: 'loopback' } });
});
afterAll(() => server.stop());

/** A request whose body never comes to its end. */
async function sendSlowly(address: string): Promise<{ socket: Socket; received: () => string }> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname).on('error', () => undefined);
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(socket, 'connect');
  socket.write(
    `POST /api/auth/sign-in HTTP/1.1\r\nHost: ${hostname}:${port}\r\nX-Forwarded-For: ${address}\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{`,
  );
  return { socket, received: () => text };
}

const signIn = (address: string) =>
  new Caller(server.url).call(
    'POST',
    '/api/auth/sign-in',
    { email: 'nobody@clinic.example', password: 'x'.repeat(20) },
    { 'x-forwarded-for': address },
  );

describe('bodies that are sent a byte at a time', () => {
  it('are limited by number for an address, and by time', async () => {
    const slow = await Promise.all(Array.from({ length: 400 }, () => sendSlowly('192.0.2.1')));
    // Those beyond the limit are refused and cut; the rest waits.
    const cut = new Promise<void>((resolve) => {
      let closed = 0;
      for (const { socket } of slow) socket.once('close', () => ++closed === 300 && resolve());
    });
    await cut;
    const texts = slow.map(({ received }) => received());
    expect(texts.filter((text) => text.startsWith('HTTP/1.1 429') && text.includes('too-many-bodies'))).toHaveLength(300);
    // Nobody else is in their way, nor is a whole request of the same address.
    expect((await signIn('192.0.2.2')).status).toBe(401);
    expect((await signIn('192.0.2.1')).status).toBe(401);
    await Promise.all(slow.map(({ socket }) => (socket.destroyed ? Promise.resolve([]) : once(socket, 'close'))));
    expect(slow.map(({ received }) => received()).filter((text) => text.startsWith('HTTP/1.1 408'))).toHaveLength(100);
    // The places of those that ended are free again.
    const again = await sendSlowly('192.0.2.1');
    expect((await signIn('192.0.2.1')).status).toBe(401);
    expect(again.received()).toBe('');
    again.socket.destroy();
  }, 90_000);
});
