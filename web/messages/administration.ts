import { messagesOf, type PlainKeys } from './catalogue.ts';
import { en } from './en.ts';
import { administration } from './en/administration.ts';
import { changes } from './en/changes.ts';
import { blockers, conditions, disclosures, durations, modes, steps } from './en/disclosures.ts';
import { actions, attempts, decisions, deeds, events, looks, refusals } from './en/events.ts';
import { log } from './en/log.ts';

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
} as const;

/** The words of the pages for administrators. */
export const { t, tMaybe } = messagesOf(words, 'en');
export type PlainKey = PlainKeys<typeof words>;
