import { createTransport } from 'nodemailer';
import { AppError } from '../common/errors.js';
import type { MailSettings } from '../config.js';

export interface Message {
  /** Never text to be parsed: a comma in it would make two recipients. */
  readonly to: { readonly name: string; readonly address: string };
  readonly subject: string;
  readonly text: string;
}

export interface Mailer {
  /** Resolves when the mail server has taken the message. */
  send(message: Message): Promise<void>;
}

/** Milliseconds. A person waits for the answer. */
const TIMEOUTS = {
  /** From the look-up of the name to the server's greeting, and to TLS. */
  connect: 5_000,
  /** Between two answers of the server. */
  silence: 10_000,
  /** For a server that answers, but never finishes. */
  total: 15_000,
};

/** Sends text by SMTP, each message over a connection of its own: there is nothing to close. */
export function createMailer({ url, from }: MailSettings, timeouts = TIMEOUTS): Mailer {
  const transport = createTransport({
    ...serverOf(url),
    connectionTimeout: timeouts.connect,
    socketTimeout: timeouts.silence,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async ({ to, subject, text }) => {
      const signal = AbortSignal.timeout(timeouts.total);
      // RFC 3834: no answer from somebody who is on holiday.
      const headers = { 'Auto-Submitted': 'auto-generated' };
      await transport.sendMail({ from, to, subject, text, headers, signal }).catch((error: unknown) => {
        throw notSent(error);
      });
    },
  };
}

/** Not left to nodemailer: any option of its own could stand in the URL's query. */
function serverOf(url: string) {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const secure = protocol === 'smtps:';
  const local = ['localhost', '127.0.0.1', '::1'].includes(host);
  const requireTLS = !secure && (searchParams.get('starttls') ?? (local ? 'off' : 'required')) === 'required';
  return {
    host,
    port: port ? Number(port) : undefined,
    secure,
    requireTLS,
    // Not tried where it isn't required: a relay on the same machine often has a certificate that nobody can check.
    ignoreTLS: !requireTLS,
    auth: username ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) } : undefined,
  };
}

function notSent(error: unknown): AppError {
  return new AppError('mail-not-sent', 503, 'The message couldn’t be sent.', {
    detail:
      'What was recorded stays. Send a new link in a few minutes. If that fails too, tell your administrator the request id: the server’s log says why.',
    cause: new Error(reasonOf(error)),
  });
}

/** For the log. Once the server has seen the message, its answer may quote it, and with it the link that only its reader should have. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, command, responseCode, response } = error as Error & Partial<Record<string, string | number>>;
  const said = command === 'DATA' ? responseCode : (response ?? error.message);
  return [code, command, said].filter(Boolean).join(' ');
}
