import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';
import type { SMTPServerOptions } from 'smtp-server';
import { AppError } from '../../src/common/errors.js';
import { createMailer, type Message } from '../../src/mail/mailer.js';
import { CERTIFICATE, startSmtp, type TestSmtp } from '../support/smtp.js';

const FROM = 'Praxis Möller, Köln <assent@clinic.example>';
const LINK = 'https://clinic.example/invitation#0123456789abcdefghijklmnopqrstuvwxyz';
const MESSAGE: Message = {
  to: { name: 'Rosa García', address: 'rosa@clinic.example' },
  subject: 'Your account',
  text: `Open this link:\n${LINK}\n`,
};
const LONG = { connect: 60_000, silence: 60_000, total: 60_000 };

/** What the mailer throws, and its cause as the log has it. */
async function refusal(sending: Promise<void>): Promise<{ error: AppError; cause: string }> {
  const error: unknown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof AppError) || !(error.cause instanceof Error)) throw new Error(`No refusal: ${String(error)}`);
  expect(error).toMatchObject({ code: 'mail-not-sent', status: 503 });
  return { error, cause: `${error.cause.stack}` };
}

async function withSmtp<T>(options: Parameters<typeof startSmtp>[0], use: (smtp: TestSmtp) => Promise<T>): Promise<T> {
  const smtp = await startSmtp(options);
  try {
    return await use(smtp);
  } finally {
    await smtp.stop();
  }
}

/** A server that isn't one: it does as it likes with each connection. */
async function withImpostor<T>(serve: (socket: Socket) => void, use: (url: string) => Promise<T>): Promise<T> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    // Clients hang up on it.
    socket.on('error', () => undefined);
    sockets.push(socket);
    serve(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`smtp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }
}

describe('a message', () => {
  let smtp: TestSmtp;
  beforeAll(async () => {
    smtp = await startSmtp();
  });
  afterAll(() => smtp.stop());

  async function receive(message: Partial<Message>) {
    await createMailer({ url: smtp.url, from: FROM }).send({ ...MESSAGE, ...message });
    const last = smtp.received.at(-1);
    if (!last) throw new Error('Nothing came.');
    return last;
  }

  it('comes to its reader, and to nobody else', async () => {
    const { sender, recipients, headers, text } = await receive({});
    expect({ sender, recipients, text }).toEqual({
      sender: 'assent@clinic.example',
      recipients: ['rosa@clinic.example'],
      text: MESSAGE.text,
    });
    expect(headers).toMatchObject({
      from: expect.stringMatching(/^"?Praxis Möller, Köln"? <assent@clinic\.example>$/),
      to: 'Rosa García <rosa@clinic.example>',
      subject: 'Your account',
      'auto-submitted': 'auto-generated',
      'content-type': 'text/plain; charset=utf-8',
      'message-id': expect.stringMatching(/^<[\w-]+@clinic\.example>$/),
    });
  });

  it.each([
    ['Latin', 'Żaneta Þórsdóttir', 'Grüße — “ä”\n\nÉtape\n'],
    ['other scripts', 'Δήμητρα Παπαδοπούλου', 'Γειά σου, Δήμητρα. 你好。 مرحبا 🦴\n'],
    ['lines of any length', 'Ben', `${'a '.repeat(1_000)}\n${LINK.repeat(20)}\nü${'x'.repeat(2_000)} = \n`],
    ['what SMTP has a meaning for', 'Dot', '.\n..\nQUIT\n.\r\nDATA\n'],
    ['HTML, which stays text', '<b>Ben</b>', '<b>not bold</b>\n'],
  ])('arrives as it was written: %s', async (_, name, written) => {
    const { headers, text } = await receive({ to: { name, address: 'ben@clinic.example' }, subject: name, text: written });
    expect(headers['subject']).toBe(name);
    expect(headers['to']?.replaceAll('"', '')).toBe(`${name} <ben@clinic.example>`);
    expect(text).toBe(written.replaceAll('\r\n', '\n'));
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
  });

  it.each([
    'Rosa\r\nBcc: eve@elsewhere.example',
    'Rosa\nBcc: eve@elsewhere.example',
    'Rosa\rBcc: eve@elsewhere.example',
    'Rosa\r\n\r\nBcc: eve@elsewhere.example',
    'Rosa\u2028Bcc: eve@elsewhere.example',
    'Rosa\0\u0085Bcc: eve@elsewhere.example',
    'García\r\nBcc: eve@elsewhere.example',
    'Rosa <eve@elsewhere.example>, "',
    'Rosa" <eve@elsewhere.example>, x',
    'Rosa, eve@elsewhere.example',
    '=?utf-8?q?=0D=0ABcc:_eve@elsewhere.example?=',
  ])('adds no header and no recipient for the name %j', async (name) => {
    const plain = await receive({});
    const { recipients, headers, raw, text } = await receive({ to: { name, address: 'rosa@clinic.example' }, subject: name });
    expect(recipients).toEqual(['rosa@clinic.example']);
    expect(Object.keys(headers).sort()).toEqual(Object.keys(plain.headers).sort());
    expect(raw).not.toMatch(/^bcc/im);
    expect(text).toBe(MESSAGE.text);
  });

  it.each([
    'rosa@clinic.example, eve@elsewhere.example',
    'rosa@clinic.example\r\nRCPT TO:<eve@elsewhere.example>',
    'rosa@clinic.example> <eve@elsewhere.example',
    'Eve <eve@elsewhere.example>',
  ])('has one recipient for the address %j', async (address) => {
    const before = smtp.received.length;
    // Sent to somebody odd, or not at all.
    await Promise.allSettled([createMailer({ url: smtp.url, from: FROM }).send({ ...MESSAGE, to: { name: 'Rosa', address } })]);
    for (const { recipients } of smtp.received.slice(before)) {
      expect(recipients).toHaveLength(1);
      expect(recipients).not.toContain('eve@elsewhere.example');
    }
  });

  it('reads no file and fetches nothing, whatever it is given for text', async () => {
    const text = { path: CERTIFICATE } as unknown as string;
    const { cause } = await refusal(createMailer({ url: smtp.url, from: FROM }).send({ ...MESSAGE, text }));
    expect(cause).toContain('File access rejected');
    const href = { href: 'http://127.0.0.1:1' } as unknown as string;
    expect((await refusal(createMailer({ url: smtp.url, from: FROM }).send({ ...MESSAGE, text: href }))).cause).toContain(
      'Url access rejected',
    );
  });
});

describe('TLS', () => {
  const WITH_TLS = { disabledCommands: ['AUTH'] };

  /** In a process of its own, which trusts the tests' certificate from its start. */
  async function sendTrusting(url: string, certificate = CERTIFICATE): Promise<string> {
    const script = `
      const { createMailer } = await import(${JSON.stringify(new URL('../../dist/mail/mailer.js', import.meta.url).href)});
      const [url, from, message] = process.argv.slice(1);
      await createMailer({ url, from }).send(JSON.parse(message)).catch(({ cause }) => console.log(cause.message));
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', script, url, FROM, JSON.stringify(MESSAGE)],
      { env: { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: certificate } },
    );
    return stdout;
  }

  it.each([
    ['from the start', { ...WITH_TLS, secure: true }, ''],
    ['by STARTTLS', WITH_TLS, '?starttls=required'],
  ])('protects the message %s', async (_, options, query) => {
    const secure: boolean[] = [];
    const onMailFrom: SMTPServerOptions['onMailFrom'] = (_address, session, done) => {
      secure.push(session.secure);
      done();
    };
    await withSmtp({ ...options, onMailFrom }, async (smtp) => {
      expect(await sendTrusting(`${smtp.url}${query}`)).toBe('');
      expect(smtp.received).toHaveLength(1);
      expect(secure).toEqual([true]);
    });
  });

  it.each([
    ['from the start', { ...WITH_TLS, secure: true }, ''],
    ['by STARTTLS', WITH_TLS, '?starttls=required'],
  ])('refuses a certificate that nobody vouches for: %s', (_, options, query) =>
    withSmtp(options, async (smtp) => {
      const { cause } = await refusal(createMailer({ url: `${smtp.url}${query}`, from: FROM }).send(MESSAGE));
      expect(cause).toMatch(/self-signed certificate/);
      expect(smtp.received).toEqual([]);
    }),
  );

  it('refuses a certificate of another name', () =>
    withSmtp({ ...WITH_TLS, secure: true }, async (smtp) => {
      // The same machine, by an address that the certificate doesn't name.
      expect(await sendTrusting(smtp.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'))).toMatch(/does not match certificate/);
      expect(smtp.received).toEqual([]);
    }));

  it.each([
    ['of another machine', '[::ffff:127.0.0.1]', ''],
    ['of this machine that the URL demands it of', '127.0.0.1', '?starttls=required'],
  ])('is a must with a server %s', (_, host, query) =>
    withSmtp({}, async (smtp) => {
      const url = `${smtp.url.replace('127.0.0.1', host)}${query}`;
      const { cause } = await refusal(createMailer({ url, from: FROM }).send(MESSAGE));
      expect(cause).toMatch(/STARTTLS/);
      expect(smtp.received).toEqual([]);
    }),
  );

  it.each([
    ['this machine', 'localhost', ''],
    ['this machine', 'LOCALHOST', ''],
    ['this machine, whose certificate nobody vouches for,', '127.0.0.1', ''],
    ['another machine if the URL says so', '[::ffff:127.0.0.1]', '?starttls=off'],
  ])('isn’t asked of %s: %s%s', (_, host, query) =>
    withSmtp(WITH_TLS, async (smtp) => {
      await createMailer({ url: `${smtp.url.replace('127.0.0.1', host)}${query}`, from: FROM }).send(MESSAGE);
      expect(smtp.received).toHaveLength(1);
    }),
  );
});

describe('a password', () => {
  const user = 'clinic@example.org';
  const password = 'p@ss:/w?rd#%20ü';
  const withPassword = (use: (smtp: TestSmtp) => Promise<void>) =>
    withSmtp(
      {
        disabledCommands: ['STARTTLS'],
        onAuth: (given, _, done) => {
          if (given.username === user && given.password === password) done(null, { user });
          else done(new Error('Wrong password'));
        },
      },
      use,
    );
  const urlWith = (url: string, secret: string) => url.replace('//', `//${encodeURIComponent(user)}:${encodeURIComponent(secret)}@`);

  it('opens the server', () =>
    withPassword(async (smtp) => {
      await createMailer({ url: urlWith(smtp.url, password), from: FROM }).send(MESSAGE);
      expect(smtp.received).toHaveLength(1);
    }));

  it('that is wrong is said to be so, and not repeated', () =>
    withPassword(async (smtp) => {
      const { cause } = await refusal(createMailer({ url: urlWith(smtp.url, 'hunter2'), from: FROM }).send(MESSAGE));
      expect(cause).toMatch(/EAUTH .*535/);
      expect(cause).not.toContain('hunter2');
      expect(smtp.received).toEqual([]);
    }));

  it('that is missing is missed', () =>
    withPassword(async (smtp) => {
      expect((await refusal(createMailer({ url: smtp.url, from: FROM }).send(MESSAGE))).cause).toMatch(/530/);
      expect(smtp.received).toEqual([]);
    }));
});

describe('a server that', () => {
  it('refuses the reader is quoted in the log', () =>
    withSmtp({ onRcptTo: (_address, _session, done) => done(new Error('No such person')) }, async (smtp) => {
      const { error, cause } = await refusal(createMailer({ url: smtp.url, from: FROM }).send(MESSAGE));
      expect(cause).toMatch(/EENVELOPE RCPT TO 550 No such person/);
      expect(`${error.message} ${error.detail}`).not.toContain('No such person');
    }));

  it('refuses the message and quotes it isn’t', () =>
    withSmtp(
      {
        onData: (stream, _, done) => {
          stream.resume();
          stream.on('end', () => done(new Error(`Bad link ${LINK}`)));
        },
      },
      async (smtp) => {
        const { error, cause } = await refusal(createMailer({ url: smtp.url, from: FROM }).send(MESSAGE));
        expect(cause).toMatch(/EMESSAGE DATA 450/);
        for (const text of [cause, error.stack, error.message, error.detail]) expect(text).not.toContain(LINK);
        expect((error.cause as Error).cause).toBeUndefined();
      },
    ));

  it('isn’t there is named', async () => {
    const smtp = await startSmtp();
    await smtp.stop();
    expect((await refusal(createMailer({ url: smtp.url, from: FROM }).send(MESSAGE))).cause).toMatch(/ECONNREFUSED/);
  });

  it.each<[string, Partial<typeof LONG>, (socket: Socket) => void, RegExp]>([
    ['never greets', { connect: 50 }, () => undefined, /ETIMEDOUT .*Greeting never received/],
    ['falls silent', { silence: 50 }, (socket) => socket.write('220 here\r\n'), /ETIMEDOUT .*Timeout/],
    [
      'never comes to an end',
      { total: 100 },
      (socket) => {
        socket.write('220 here\r\n');
        const timer = setInterval(() => socket.write('250-and another thing\r\n'), 10);
        socket.on('close', () => clearInterval(timer));
      },
      /abort/i,
    ],
    ['hangs up', {}, (socket) => socket.end('220 here\r\n'), /ECONNECTION/],
    ['speaks another language', {}, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), /EPROTOCOL/],
  ])('%s holds nobody up', (_, timeouts, serve, reason) =>
    withImpostor(serve, async (url) => {
      expect((await refusal(createMailer({ url, from: FROM }, { ...LONG, ...timeouts }).send(MESSAGE))).cause).toMatch(reason);
    }),
  );
});
