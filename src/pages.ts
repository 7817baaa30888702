import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What `vite build` writes, with each file compressed beside it. */
const PAGES = fileURLToPath(new URL('../web/dist/', import.meta.url));
const NONCE = '__STYLE_NONCE__';

/** Names of files below it change with their contents. */
const HASHED = join(PAGES, 'assets');
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The pages: their files, and the one HTML document for every address that a person opens. Which page that is the browser decides
 * (web/routes.ts). Without a build of them, as in another application that imports AssentModule, there are none.
 */
export function mountPages(app: NestFastifyApplication): void {
  if (!existsSync(PAGES)) return;
  const fastify = app.getHttpAdapter().getInstance();
  const html = readFileSync(join(PAGES, 'index.html'), 'utf8');
  void fastify.register(fastifyStatic, {
    root: PAGES,
    // A route for each file that is there now: what is asked of any other name never reaches the file system.
    wildcard: false,
    globIgnore: ['**/*.{html,br,gz,json}'],
    index: false,
    preCompressed: true,
    cacheControl: false,
    decorateReply: false,
    setHeaders: (reply, path) => void reply.header('cache-control', path.startsWith(HASHED) ? FOR_EVER : 'no-cache'),
  });
  // No route of its own: it would take what the API's routes refuse, too long an id for one.
  fastify.addHook('onRequest', (request, reply, done) => {
    if (request.is404 && isForPage(request)) void sendPage(reply, html);
    else done();
  });
}

/** An address of a page, and a client that takes HTML. One that takes anything (curl) gets no page in place of a file that isn't there. */
function isForPage({ method, url, headers: { accept = '*/*' } }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (/^\/(api|health|assets)(\/|\?|$)/.test(url)) return false;
  return accept.includes('text/html') || (accept.includes('*/*') && !/^[^?]*\.[^/?]*(\?|$)/.test(url));
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  const nonce = randomBytes(16).toString('base64');
  return reply
    .headers({
      'content-security-policy': policy(nonce),
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      vary: 'accept',
    })
    .type('text/html; charset=utf-8')
    .send(html.replace(NONCE, nonce));
}

/**
 * Scripts from this server and nothing else. Mantine writes some of its rules (those of media queries) into style elements, which
 * carry the nonce; `style` attributes in HTML stay forbidden, and React sets styles by CSSOM, which the policy doesn't concern.
 */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // data: is for drawn signatures.
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
