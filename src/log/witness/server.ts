import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Witness } from './witness.js';

/** A checkpoint, its proof, and 16 signatures of the largest kind, with room. */
const MOST_BYTES = 131_072;
const REQUEST_MS = 10_000;

export interface WitnessServer {
  /** The submission prefix. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface WitnessServerOptions {
  readonly host: string;
  readonly port: number;
  /** Hears of what must not happen, such as a full disk. */
  readonly onDefect: (error: unknown) => void;
}

/** Plain HTTP: https is the business of what stands in front. */
export async function serveWitness(witness: Witness, { host, port, onDefect }: WitnessServerOptions): Promise<WitnessServer> {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: 1_000 });
  server.on('request', (request, response) => {
    answer(witness, request).then(
      (given) => send(response, given),
      (error: unknown) => {
        // Who broke off hears nothing; everything else is our defect, and what isn't on the disk wasn't cosigned.
        if (request.destroyed && !request.complete) return;
        onDefect(error);
        send(response, { status: 500, type: 'text/plain', body: 'The checkpoint couldn’t be kept.\n' });
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  });
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
      }),
  };
}

type HttpAnswer = Omit<Answer, 'status'> & { readonly status: number };

const refusal = (status: number, body: string): HttpAnswer => ({ status, type: 'text/plain', body });

async function answer(witness: Witness, request: IncomingMessage): Promise<HttpAnswer> {
  if (request.url !== '/add-checkpoint') return refusal(404, 'There is add-checkpoint, and nothing else.\n');
  if (request.method !== 'POST') return refusal(405, 'POST it.\n');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return refusal(413, 'That is too much.\n');
    chunks.push(chunk);
  }
  return witness.addCheckpoint(Buffer.concat(chunks));
}

function send(response: ServerResponse, { status, type, body }: HttpAnswer): void {
  // What wasn't read to its end can't be followed by another request.
  if (!response.req.complete) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
