import { createMailer } from '../../src/mail/mailer.js';
import { invitation, newPassword } from '../../src/mail/messages.js';
import { startSmtp } from '../support/smtp.js';

const LINK = 'https://clinic.example/invitation#0123456789abcdefghijklmnopqrstuvwxyz';

describe.each([
  ['an invitation', invitation],
  ['a renewed link', newPassword],
])('%s', (_, write) => {
  const letter = {
    clinic: 'Praxis Möller',
    name: 'Rosa García',
    link: LINK,
    expiresAt: new Date('2026-03-29T00:30:00Z'),
    timeZone: 'Europe/Berlin',
  };

  it('says who writes, to whom, and gives the link on a line of its own', () => {
    const { subject, text } = write(letter);
    expect(subject).toContain('Praxis Möller');
    expect(text).toContain('Hello Rosa García,');
    expect(text.split('\n')).toContain(LINK);
    expect(text).toContain('ignore it');
  });

  it.each([
    ['Europe/Berlin', '2026-03-29T00:30:00Z', /until Sunday,? 29 March 2026 at 01:30 Central European Standard Time\./],
    ['Europe/Berlin', '2026-03-29T01:30:00Z', /until Sunday,? 29 March 2026 at 03:30 Central European Summer Time\./],
    ['America/Los_Angeles', '2026-03-29T00:30:00Z', /until Saturday,? 28 March 2026 at 17:30 Pacific Daylight Time\./],
    ['Asia/Kolkata', '2026-12-31T18:30:00Z', /until Friday,? 1 January 2027 at 00:00 India Standard Time\./],
  ])('says until when in %s: %s', (timeZone, instant, until) => {
    expect(write({ ...letter, timeZone, expiresAt: new Date(instant) }).text).toMatch(until);
  });

  it('comes as it was written', async () => {
    const smtp = await startSmtp();
    try {
      const content = write(letter);
      const to = { name: letter.name, address: 'rosa@clinic.example' };
      await createMailer({ url: smtp.url, from: 'assent@clinic.example' }).send({ to, ...content });
      expect(smtp.received).toMatchObject([{ text: content.text, headers: { subject: content.subject } }]);
    } finally {
      await smtp.stop();
    }
  });
});
