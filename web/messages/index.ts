import { messagesOf, type PlainKeys } from './catalogue.ts';
import { en } from './en.ts';

/** The words of what everybody loads, and of the pages about patients. */
export const { t, tMaybe } = messagesOf(en, 'en');
export type PlainKey = PlainKeys<typeof en>;
