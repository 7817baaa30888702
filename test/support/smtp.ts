import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** For localhost, made for these tests, until 2120. A process trusts it with NODE_EXTRA_CA_CERTS. */
export const CERTIFICATE = fileURLToPath(new URL('smtp-certificate.pem', import.meta.url));
const KEY = fileURLToPath(new URL('smtp-key.pem', import.meta.url));

export interface Received {
  /** Of the envelope: who really gets it. */
  readonly sender: string;
  readonly recipients: string[];
  /** Decoded, by their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** As it came over the wire. */
  readonly raw: string;
}

export interface TestSmtp {
  readonly port: number;
  readonly url: string;
  /** In the order of their coming. A message is here before its sender is told that it was taken. */
  readonly received: Received[];
  /** The oldest message to this address that wasn't asked for yet, once it is here. */
  next(recipient: string): Promise<Received>;
  stop(): Promise<void>;
}

/** A mail server that takes every message, without TLS or a password unless the options say otherwise. */
export async function startSmtp(options: SMTPServerOptions = {}): Promise<TestSmtp> {
  const received: Received[] = [];
  const asked = new Set<Received>();
  const arrivals = new EventEmitter();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    key: readFileSync(KEY),
    cert: readFileSync(CERTIFICATE),
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          sender: mailFrom ? mailFrom.address : '',
          recipients: rcptTo.map(({ address }) => address),
          ...read(Buffer.concat(chunks).toString('latin1')),
        });
        arrivals.emit('message');
        done();
      });
    },
    ...options,
  });
  // A client that refuses our certificate, or goes away: the test sees it at the client.
  server.on('error', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    port,
    url: `${options.secure ? 'smtps' : 'smtp'}://127.0.0.1:${port}`,
    received,
    next: async (recipient) => {
      for (;;) {
        const message = received.find((one) => one.recipients.includes(recipient) && !asked.has(one));
        if (message) {
          asked.add(message);
          return message;
        }
        await once(arrivals, 'message');
      }
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** A message of one part (RFC 5322, 2045). Bytes are characters up to the end. */
function read(raw: string): Pick<Received, 'headers' | 'text' | 'raw'> {
  const end = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, end)
    .replace(/\r\n(?=[ \t])/g, '')
    .split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [, name = line, value = ''] = /^([^:]+): *(.*)$/s.exec(line) ?? [];
      return [name.toLowerCase(), words(value)];
    }),
  );
  const body = raw.slice(end + 4);
  const encoding = headers['content-transfer-encoding'];
  const bytes = encoding === 'base64' ? fromBase64(body) : encoding === 'quoted-printable' ? fromQuotedPrintable(body) : body;
  return { headers, text: fromUtf8(bytes).replaceAll('\r\n', '\n'), raw };
}

/** RFC 2047: `=?UTF-8?Q?…?=`. What is between two such words is there only to fold the line. */
function words(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([qb])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      fromUtf8(kind.toLowerCase() === 'b' ? fromBase64(word) : fromQuotedPrintable(word.replaceAll('_', ' '))),
    );
}

function fromQuotedPrintable(text: string): string {
  return text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

/** Refuses what isn't UTF-8. */
function fromUtf8(bytes: string): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(bytes, 'latin1'));
}
