import { messagesOf } from './catalogue.ts';
import { en } from './en.ts';
import { consents } from './en/consents.ts';
import { discussion, turn } from './en/discussion.ts';
import { endReasons, findings } from './en/patients.ts';
import { screening } from './en/screening.ts';
import { sessions } from './en/sessions.ts';

/** The words of the pages from a patient's screening to the end of a session. */
export const { t, tMaybe } = messagesOf({ ...en, endReasons, findings, screening, discussion, turn, consents, sessions } as const, 'en');
