import { account } from './en/account.ts';
import { regions, techniques } from './en/anatomy.ts';
import { common, methods, problems, professions, remedies, roles } from './en/common.ts';
import { consents } from './en/consents.ts';
import { discussion, turn } from './en/discussion.ts';
import { findings, patients, sexes } from './en/patients.ts';
import { record } from './en/record.ts';
import { registration } from './en/registration.ts';
import { screening } from './en/screening.ts';
import { sessions } from './en/sessions.ts';
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
  regions,
  techniques,
  sessions,
  consents,
  findings,
  registration,
  record,
  screening,
  discussion,
  turn,
} as const;
