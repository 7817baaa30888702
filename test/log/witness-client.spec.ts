import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { newKey, readSigner } from '../../src/log/format/keys.js';
import { parseNote, signatureLine } from '../../src/log/format/note.js';
import { addCheckpoint, WitnessError, type Witnessed } from '../../src/log/witness/client.js';
import { readAddCheckpoint } from '../../src/log/witness/witness.js';
import { WitnessedLog } from '../support/witnessed-log.js';

const log = new WitnessedLog('clinic.example/log', 'entry');
const known = readSigner(newKey('witness.example/w1', 'cosignature'));
const unknown = readSigner(newKey('witness.example/w2', 'cosignature'));
const request = log.request(3, 5);
const { text } = parseNote(request.checkpoint);

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** What becomes of asking a witness that answers so. */
async function asked(listener: RequestListener, timeoutMs?: number): Promise<Witnessed> {
  server = createServer(listener);
  await new Promise<void>((resolve) => {
    server?.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return addCheckpoint({ url: `http://127.0.0.1:${port}`, keys: [known.verifier] }, request, timeoutMs);
}

const answers =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    response.writeHead(status, headers).end(body);

const expectRefused = async (listener: RequestListener, status: number | undefined, timeoutMs?: number): Promise<void> => {
  const error: unknown = await asked(listener, timeoutMs).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(WitnessError);
  expect((error as WitnessError).status).toBe(status);
};

it('asks as the specification says', async () => {
  let seen = '';
  const chunks: Buffer[] = [];
  await asked((request, response) => {
    seen = `${request.method} ${request.url}`;
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(signatureLine(text, known)));
  });
  expect(readAddCheckpoint(Buffer.concat(chunks))).toEqual(log.request(3, 5));
  expect(seen).toBe('POST /add-checkpoint');
});

it('keeps the cosignatures of known keys, and no other lines', async () => {
  const line = signatureLine(text, known);
  expect(await asked(answers(200, signatureLine(text, unknown) + line))).toEqual({ outcome: 'cosigned', lines: line });
});

it.each([
  ['of unknown keys alone', signatureLine(text, unknown)],
  ['that is false', signatureLine(text.replace('5', '6'), known)],
  ['of the log', signatureLine(text, log.signer)],
  ['of nobody', ''],
  ['of a text that begins with the checkpoint', `more\n\n${signatureLine(`${text}\nmore\n`, known)}`],
  ['that is no line', 'ok'],
  ['that isn’t text', '\0'],
])('believes no cosignature %s', async (_, body) => {
  await expectRefused(answers(200, body), 200);
});

it('hears which size the witness knows', async () => {
  expect(await asked(answers(409, '7\n', { 'content-type': 'text/x.tlog.size' }))).toEqual({ outcome: 'conflict', size: 7 });
});

it.each([
  ['no size', 409, 'seven\n', { 'content-type': 'text/x.tlog.size' }],
  ['no type', 409, '7\n', {}],
  ['403', 403, 'No\n', {}],
  ['500', 500, '', {}],
])('tells of an answer with %s', async (_, status, body, headers) => {
  await expectRefused(answers(status, body, headers), status);
});

it('follows no redirection', async () => {
  const elsewhere: RequestListener = ({ url }, response) => {
    if (url === '/elsewhere') response.end(signatureLine(text, known));
    else response.writeHead(307, { location: '/elsewhere' }).end();
  };
  await expectRefused(elsewhere, undefined);
});

it.each<[string, RequestListener]>([
  ['beginning', () => undefined],
  ['end', (_, response) => response.write('— ')],
])('waits no longer than it is told for the answer’s %s', async (_, listener) => {
  await expectRefused(listener, undefined, 50);
});

it('reads no more than an answer can have', async () => {
  const endless: RequestListener = (_, response) => {
    pipeline(
      Readable.from(
        (function* () {
          for (;;) yield 'x'.repeat(1_000);
        })(),
      ),
      response,
      () => undefined,
    );
  };
  await expectRefused(endless, undefined);
});

it('tells when nobody is there', async () => {
  const gone = addCheckpoint({ url: 'http://127.0.0.1:1', keys: [known.verifier] }, request);
  await expect(gone).rejects.toBeInstanceOf(WitnessError);
});
