import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Caller } from '../support/api.js';
import { startServer, type TestServer } from '../support/server.js';

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let server: TestServer;
let anyone: Caller;
beforeAll(async () => {
  server = await startServer();
  anyone = new Caller(server.url);
});
afterAll(() => server.stop());

const open = (path: string, headers: Record<string, string> = HTML) => anyone.call('GET', path, undefined, headers);

/** The document's script. */
async function scriptOf(path: string): Promise<string> {
  return /src="(\/assets\/[^"]+\.js)"/.exec((await open(path)).body as string)?.[1] ?? '';
}

describe('an address for people', () => {
  it.each(['/', '/sign-in', '/invitation', '/password', '/account', '/patients/whatever?tab=1', '/nowhere'])('is %s', async (path) => {
    const { status, headers, body } = await open(path);
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toContain('<div id="root">');
  });

  it.each(['*/*', 'application/json, text/plain, */*'])('is one to a client that accepts %s', async (accept) => {
    for (const path of ['/', '/nowhere', '/patients/whatever?file=a.b']) {
      const answer = await open(path, { accept });
      expect({ path, status: answer.status, type: answer.headers.get('content-type') }).toEqual({
        path,
        status: 200,
        type: 'text/html; charset=utf-8',
      });
    }
  });

  it('allows scripts of this server alone, and style elements by a nonce that is never the same', async () => {
    const policies = await Promise.all(
      [1, 2].map(async () => {
        const { headers, body } = await open('/');
        const policy = headers.get('content-security-policy') ?? '';
        const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
        expect(body).toContain(`nonce="${nonce}"`);
        expect(policy).not.toContain('unsafe');
        expect(policy).toMatch(/default-src 'none'; script-src 'self'; .*base-uri 'none'; frame-ancestors 'none'/);
        return policy;
      }),
    );
    expect(new Set(policies).size).toBe(2);
  });

  it('has no script in it, and nothing from elsewhere', async () => {
    const { body } = await open('/');
    expect(body).not.toMatch(/<script(?![^>]*\ssrc="\/assets\/)/);
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });
});

describe('an address for programs', () => {
  it.each([
    ['/', { accept: 'application/json' }],
    ['/nowhere', { accept: 'image/png' }],
    ['/api/nowhere', HTML],
    ['/api/nowhere', {}],
    ['/api', HTML],
    ['/health/nowhere', HTML],
    ['/assets/index-old.js', HTML],
    ['/index.html', {}],
    ['/manifest.json', {}],
    ['/assets/..%2findex.html', {}],
    ['/.assent-build', {}],
  ])('is %s: 404 with problem details', async (path, headers) => {
    const answer = await open(path, headers);
    expect({ status: answer.status, code: answer.body.code }).toEqual({ status: 404, code: 'not-found' });
  });
});

describe('the files of the pages', () => {
  it('whose names change with their contents are kept for ever', async () => {
    const { status, headers } = await open(await scriptOf('/'));
    expect({ status, cache: headers.get('cache-control'), type: headers.get('content-type') }).toEqual({
      status: 200,
      cache: 'public, max-age=31536000, immutable',
      type: expect.stringMatching(/javascript/),
    });
  });

  it.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ])('come compressed: %s', async (encoding, decompress) => {
    const path = await scriptOf('/');
    // fetch would decompress it, and not say so.
    const { get } = await import('node:http');
    const { headers, body } = await new Promise<{ headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      get(server.url + path, { headers: { 'accept-encoding': encoding } }, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts) }));
      }).on('error', reject);
    });
    expect(headers).toMatchObject({ 'content-encoding': encoding, vary: expect.stringMatching(/accept-encoding/i) });
    expect(decompress(body).toString()).toBe((await open(path, { 'accept-encoding': 'identity' })).body);
  });

  it('whose names stay are asked for again', async () => {
    for (const path of ['/icon.svg', '/icon-192.png', '/manifest.webmanifest']) {
      const { status, headers } = await open(path);
      expect({ path, status, cache: headers.get('cache-control') }).toEqual({ path, status: 200, cache: 'no-cache' });
    }
  });
});
