import { messagesOf, type PlainKeys } from './catalogue.ts';
import { account } from './en/account.ts';
import * as anatomy from './en/anatomy.ts';
import * as common from './en/common.ts';
import * as patients from './en/patients.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';
import { today } from './en/today.ts';

/** What every page may say, loaded first. */
const shared = { ...common, ...anatomy, ...patients, shell, signIn, account, today };

/** What some pages say, a file a subject: loaded by the routes that name it. */
const SUBJECTS = {
  administration: () => import('./en/administration.ts'),
  changes: () => import('./en/changes.ts'),
  consents: () => import('./en/consents.ts'),
  disclosures: () => import('./en/disclosures.ts'),
  discussion: () => import('./en/discussion.ts'),
  endReasons: () => import('./en/end-reasons.ts'),
  events: () => import('./en/events.ts'),
  findings: () => import('./en/findings.ts'),
  log: () => import('./en/log.ts'),
  record: () => import('./en/record.ts'),
  registration: () => import('./en/registration.ts'),
  screening: () => import('./en/screening.ts'),
  sessions: () => import('./en/sessions.ts'),
  settings: () => import('./en/settings.ts'),
  staff: () => import('./en/staff.ts'),
  texts: () => import('./en/texts.ts'),
} as const;

type Subject = keyof typeof SUBJECTS;
type Loaded = { [S in Subject]: Awaited<ReturnType<(typeof SUBJECTS)[S]>> }[Subject];
type Together<U> = (U extends unknown ? (words: U) => void : never) extends (words: infer All) => void ? All : never;
type Words = typeof shared & Together<Loaded>;

const { t, tMaybe, add } = messagesOf<Words>(shared, 'en');
export { t, tMaybe };
export type PlainKey = PlainKeys<Words>;

/** A page's script together with the subjects of words that it uses, for a route to load when it is first wanted. */
export function withWords<Page>(load: () => Promise<Page>, ...subjects: readonly Subject[]): () => Promise<Page> {
  return async () => {
    const [page] = await Promise.all([load(), ...subjects.map(async (subject) => add(await SUBJECTS[subject]()))]);
    return page;
  };
}
