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
      `${letter.clinic} keeps its patients' records with Assent, and has made an account there for you. To use it, choose a password:`,
      'If you don’t expect this message, ignore it. Without this link nobody can use the account.',
    ]),
  };
}

/** To somebody who is to set a new password. */
export function newPassword(letter: Letter): Content {
  return {
    subject: `A new password for your account at ${letter.clinic}`,
    text: write(letter, [
      `You can set a new password for your account at ${letter.clinic}:`,
      'If you don’t expect this message, ignore it. Your password stays as it is until a new one is set.',
    ]),
  };
}

/** To somebody who says that they forgot their password; anybody can say so of anybody. */
export function passwordReset({ name, link }: { name: string; link: string }): Content {
  return {
    subject: 'Your password for Assent',
    text: [
      `Hello ${name},`,
      'Somebody, we hope you, says that you forgot your password for Assent. To set a new one:',
      link,
      'The link works once, within an hour. Your second factor stays as it is.',
      'If it wasn’t you, ignore this message. Your password stays as it is, and nobody learns whether you have an account.',
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
    `The link works once, until ${until}. Don’t pass it on: whoever has it can set your password.`,
    after,
    `Assent, for ${clinic}\n`,
  ].join('\n\n');
}
