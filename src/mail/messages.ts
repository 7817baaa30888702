/** What both messages say; the link in it signs nobody in, but lets its reader set a password, once. */
interface Letter {
  /** The clinic's name. */
  readonly clinic: string;
  /** The reader's. */
  readonly name: string;
  readonly link: string;
  readonly expiresAt: Date;
  /** The clinic's, an IANA name. */
  readonly timeZone: string;
}

interface Content {
  readonly subject: string;
  readonly text: string;
}

/** To somebody who has just been employed. */
export function invitation(letter: Letter): Content {
  return {
    subject: `Your account at ${letter.clinic}`,
    text: write(letter, [
      `${letter.clinic} keeps its patients' records with Assent, and has created an account for you. To use it, choose a password here:`,
      'If you didn’t expect this message, ignore it. The account can’t be used without this link.',
    ]),
  };
}

/** To somebody who is to set a new password. */
export function newPassword(letter: Letter): Content {
  return {
    subject: `A new password for your account at ${letter.clinic}`,
    text: write(letter, [
      `You can set a new password for your account at ${letter.clinic} here:`,
      'If you didn’t expect this message, ignore it. Your password doesn’t change until a new one is set.',
    ]),
  };
}

/** To somebody who says that they forgot their password; anybody can say so of anybody. */
export function passwordReset({ name, link }: { name: string; link: string }): Content {
  return {
    subject: 'Your password for Assent',
    text: [
      `Hello ${name},`,
      'We received a request to reset your password for Assent. If you made it, set a new password here:',
      link,
      'The link works once, within an hour. Your second factor doesn’t change.',
      'If you didn’t make this request, ignore this message. Your password doesn’t change, and no one learns whether you have an account.',
      'Assent\n',
    ].join('\n\n'),
  };
}

function write({ clinic, name, link, expiresAt, timeZone }: Letter, [before, after]: [string, string]): string {
  const until = new Intl.DateTimeFormat('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'long',
    timeZone,
  }).format(expiresAt);
  return [
    `Hello ${name},`,
    before,
    link,
    `The link works once, until ${until}. Don’t share it: anyone who has it can set your password.`,
    after,
    `Assent, for ${clinic}\n`,
  ].join('\n\n');
}
