import { account } from './en/account.ts';
import { administration } from './en/administration.ts';
import { regions, techniques } from './en/anatomy.ts';
import { changes } from './en/changes.ts';
import { common, methods, problems, professions, remedies, roles } from './en/common.ts';
import { blockers, conditions, disclosures, durations, modes, steps } from './en/disclosures.ts';
import { actions, attempts, decisions, deeds, events, looks, refusals } from './en/events.ts';
import { log } from './en/log.ts';
import { findings, patients, sexes } from './en/patients.ts';
import { record } from './en/record.ts';
import { registration } from './en/registration.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';
import { today } from './en/today.ts';

/** All text of the pages, a file a subject. */
export const en = {
  common,
  problems,
  remedies,
  roles,
  professions,
  methods,
  shell,
  signIn,
  account,
  today,
  patients,
  sexes,
  findings,
  regions,
  techniques,
  registration,
  record,
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
