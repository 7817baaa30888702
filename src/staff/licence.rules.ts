import type { Rules } from '../common/rules.js';

export const LICENCE_RULES: Rules = {
  codes: {
    'licence.already-recorded': {
      title: 'This licence is already recorded for that period.',
      constraints: { licence_recorded_once: 409 },
    },
    'licence.already-revoked': { title: 'This licence is already revoked.', constraints: { licence_revoked_once: 409 } },
    'licence.none': { title: 'You have no licence on record.', remedy: 'Ask an administrator to record your licence.' },
    'licence.not-yet-valid': {
      title: 'Your licence isn’t valid yet.',
      remedy: 'Wait until it is valid, or ask an administrator to record another licence.',
    },
    'licence.expired': {
      title: 'Your licence has expired.',
      remedy: 'Don’t treat. End the session if one is open, and ask an administrator to record the renewed licence.',
      constraints: { manipulation_needs_licence: 409 },
    },
    'licence.revoked': {
      title: 'Your licence was revoked.',
      remedy: 'Don’t treat. End the session if one is open. Another practitioner can treat the patient.',
      constraints: { manipulation_after_revocation: 409 },
    },
  },
  missing: { licence_of_staff: 'person' },
};
