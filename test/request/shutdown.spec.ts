import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { Client } from 'pg';
import { makeClinic } from '../support/make.js';
import { startServerProcess } from '../support/server.js';

const BODY = JSON.stringify({ givenName: 'Rosa', familyName: 'García', birthDate: '1984-05-17' });

/** Connects until that fails, and says how: the port is closed after the idle connections. */
async function connectionRefused(port: number, host: string): Promise<unknown> {
  for (;;) {
    const socket = connect(port, host);
    try {
      await once(socket, 'connect');
    } catch (error) {
      return error;
    } finally {
      socket.destroy();
    }
  }
}

describe('SIGTERM', () => {
  it('answers requests under way, ends idle connections, takes no new ones, and then ends the process', async () => {
    const server = await startServerProcess();
    const { receptionist } = await makeClinic(server);
    const superuser = new Client({ connectionString: server.database.superuser });
    await superuser.connect();
    const { hostname, port } = new URL(server.url);
    const agents = { busy: new Agent({ keepAlive: true }), idle: new Agent({ keepAlive: true }) };
    const send = (agent: Agent, method: string, path: string, body = '') =>
      request(new URL(path, server.url), {
        method,
        agent,
        headers: { cookie: `assent=${receptionist.token}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      }).end(body);
    try {
      const unused = connect(Number(port), hostname);
      await once(unused, 'connect');
      const [live] = (await once(send(agents.idle, 'GET', '/health/live'), 'response')) as [IncomingMessage];
      const { socket: idle } = live;
      live.resume();
      await once(live, 'end');
      await superuser.query('BEGIN; LOCK TABLE app.patients IN EXCLUSIVE MODE');
      const underWay = [1, 2, 3].map(() => send(agents.busy, 'POST', '/api/patients', BODY));
      const heldUp = `SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'app.patients'::regclass AND NOT granted`;
      while ((await superuser.query<{ n: number }>(heldUp)).rows[0]?.n !== 3);

      const ended = Promise.all([unused.resume(), idle].map((socket) => once(socket, 'close')));
      const stopped = server.stop();
      await ended;
      expect(await connectionRefused(Number(port), hostname)).toMatchObject({ code: 'ECONNREFUSED' });
      const answers = Promise.all(
        underWay.map(async (sent) => {
          const [response] = (await once(sent, 'response')) as [IncomingMessage];
          response.resume();
          await once(response, 'end');
          return [response.statusCode, response.headers.connection];
        }),
      );
      await superuser.query('COMMIT');
      expect(await answers).toEqual([
        [201, 'close'],
        [201, 'close'],
        [201, 'close'],
      ]);
      const { rows } = await superuser.query<{ n: number }>('SELECT count(*)::int AS n FROM app.patients');
      expect(rows[0]?.n).toBe(3);
      await superuser.end();
      await stopped;
      expect(server.errors()).toBe('');
    } finally {
      agents.busy.destroy();
      agents.idle.destroy();
    }
  });
});
