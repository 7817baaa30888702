import { messagesOf, type PlainKeys } from './catalogue.ts';
import { en } from './en.ts';
import { endReasons, findings } from './en/patients.ts';
import { record } from './en/record.ts';
import { registration } from './en/registration.ts';

const words = { ...en, endReasons, findings, registration, record } as const;

/** The words of the pages of patients. */
export const { t, tMaybe } = messagesOf(words, 'en');
export type PlainKey = PlainKeys<typeof words>;
