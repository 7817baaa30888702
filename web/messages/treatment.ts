import { messagesOf } from './catalogue.ts';
import { en } from './en.ts';
import { consents } from './en/consents.ts';
import { sessions } from './en/sessions.ts';

/** The words of the pages on which a patient is treated. */
export const { t, tMaybe } = messagesOf({ ...en, sessions, consents } as const, 'en');
