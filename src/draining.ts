import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** Longer than any request takes that PostgreSQL answers; docker and Kubernetes wait longer before they kill. */
const LIMIT_MS = 20_000;

/**
 * When the server closes it takes no more connections, and answers every request that has begun. A connection ends with its response, or
 * immediately where no request is under way: also one over which none ever came, as browsers open them. After a limit all are cut.
 */
export function drainOnClose(fastify: FastifyInstance): void {
  const { server } = fastify;
  const unused = new Set<Socket>();
  let limit: NodeJS.Timeout | undefined;
  server.on('connection', (socket: Socket) => {
    // It came before the port was closed.
    if (limit) socket.destroy();
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.on('request', ({ socket }) => unused.delete(socket));
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (limit) void reply.header('connection', 'close');
    done();
  });
  fastify.addHook('preClose', (done) => {
    limit = setTimeout(() => server.closeAllConnections(), LIMIT_MS);
    unused.forEach((socket) => socket.destroy());
    done();
  });
  fastify.addHook('onClose', (_instance, done) => {
    clearTimeout(limit);
    done();
  });
}
