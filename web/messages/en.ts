import { account } from './en/account.ts';
import { administration } from './en/administration.ts';
import { common, methods, problems, professions, remedies, roles } from './en/common.ts';
import { log } from './en/log.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { signIn } from './en/sign-in.ts';
import { staff } from './en/staff.ts';
import { texts } from './en/texts.ts';
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
  administration,
  log,
  staff,
  texts,
  settings,
} as const;
