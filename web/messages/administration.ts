import { messagesOf, type PlainKeys } from './catalogue.ts';
import { en } from './en.ts';
import { administration } from './en/administration.ts';
import { changes } from './en/changes.ts';
import { blockers, conditions, disclosures, durations, modes, steps } from './en/disclosures.ts';
import { actions, attempts, decisions, deeds, events, looks, refusals } from './en/events.ts';
import { log } from './en/log.ts';
import { settings } from './en/settings.ts';
import { staff } from './en/staff.ts';
import { texts } from './en/texts.ts';

const words = {
  ...en,
  administration,
  changes,
  disclosures,
  blockers,
  conditions,
  modes,
  steps,
  durations,
  events,
  deeds,
  looks,
  attempts,
  refusals,
  decisions,
  actions,
  log,
  staff,
  texts,
  settings,
} as const;

/** The words of the pages for administrators. */
export const { t, tMaybe } = messagesOf(words, 'en');
export type PlainKey = PlainKeys<typeof words>;
