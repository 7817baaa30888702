import { RuleBook, type Rules } from '../common/rules.js';
import { STAFF_RULES } from '../staff/staff.rules.js';

export const CLINIC_RULES: Rules = {
  codes: {
    'clinic.already-set-up': { title: 'This database already holds a clinic.', constraints: { clinic_already_set_up: 409 } },
    'clinic.time-zone-unknown': {
      title: 'PostgreSQL doesn’t have this time zone.',
      remedy: 'Use an IANA name such as Europe/London.',
      constraints: { clinic_time_zone_known: 422 },
    },
    'policy.administrators-need-second-factor': {
      title: 'Administrators always need a second factor.',
      constraints: { clinic_administrators_need_mfa: 422 },
    },
  },
};

/** What may refuse the set-up of a clinic. */
export const SETUP_RULES = new RuleBook([CLINIC_RULES, STAFF_RULES]);
