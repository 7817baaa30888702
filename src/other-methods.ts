import type { FastifyInstance } from 'fastify';
import { AppError } from './common/errors.js';
import { sendProblem } from './common/problem.js';

/**
 * Notes every route from now on. The function that it returns, called when all routes are there, adds the methods that an address doesn't
 * have: OPTIONS answers with those that it has, and any other is refused with 405 (RFC 9110, sections 9.3.7 and 15.5.6).
 */
export function refuseOtherMethods(fastify: FastifyInstance): () => void {
  const known = new Map<string, Set<string>>();
  fastify.addHook('onRoute', ({ url, method }) => {
    const methods = known.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    known.set(url, methods);
  });
  return () => {
    for (const [url, methods] of known) {
      const others = fastify.supportedMethods.filter((method) => !methods.has(method));
      const allow = [...methods, 'OPTIONS'].sort().join(', ');
      fastify.route({
        url,
        method: others,
        // Before the body is read: it is refused whatever it holds.
        onRequest: (request, reply) => {
          void reply.header('allow', allow);
          if (request.method === 'OPTIONS') void reply.status(204).send();
          else sendProblem(request, reply, new AppError('method-not-allowed', 405, `This address takes ${allow}.`));
        },
        handler: () => undefined,
      });
    }
  };
}
