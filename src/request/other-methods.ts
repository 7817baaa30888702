import type { FastifyInstance, RouteOptions } from 'fastify';
import { AppError } from '../common/errors.js';
import { sendProblem } from '../common/problem.js';
import { setHeaders } from './protection.js';

/** The routes of some addresses, and the methods that these addresses don't have. */
export class Addresses {
  private readonly methodsOf = new Map<string, Set<string>>();

  add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    const methods = this.methodsOf.get(url) ?? new Set();
    for (const name of [method].flat()) methods.add(name);
    this.methodsOf.set(url, methods);
  }

  /**
   * Once all routes are there: OPTIONS answers with the methods of the address, and any that it doesn't have is refused with 405
   * (RFC 9110, sections 9.3.7 and 15.5.6).
   */
  refuseOtherMethods(fastify: FastifyInstance): void {
    for (const [url, methods] of this.methodsOf) {
      const others = fastify.supportedMethods.filter((method) => !fastify.hasRoute({ url, method }));
      if (others.length === 0) continue;
      const allow = [...new Set([...methods, 'OPTIONS'])].sort().join(', ');
      fastify.route({
        url,
        method: others,
        // Before the body is read: it is refused whatever it holds.
        onRequest: (request, reply) => {
          setHeaders(request, reply);
          void reply.header('allow', allow);
          if (request.method === 'OPTIONS') void reply.status(204).send();
          else sendProblem(request, reply, new AppError('method-not-allowed', 405, `This address takes ${allow}.`));
        },
        handler: () => undefined,
      });
    }
  }
}
