import { account } from './en/account.ts';
import { regions, techniques } from './en/anatomy.ts';
import { common, methods, problems, professions, remedies, roles } from './en/common.ts';
import { patients, sexes } from './en/patients.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';
import { today } from './en/today.ts';

/** What is loaded first, a file a subject. */
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
} as const;
