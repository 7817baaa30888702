import type { Rules } from '../common/rules.js';

export const LICENCE_RULES: Rules = {
  codes: {
    'licence.already-recorded': {
      title: 'This licence is already recorded for that period.',
      constraints: { licence_recorded_once: 409 },
    },
    'licence.already-revoked': { title: 'This licence is already revoked.', constraints: { licence_revoked_once: 409 } },
    'licence.none': { title: 'You have no licence on record.', remedy: 'An administrator records your licence.' },
    'licence.not-yet-valid': {
      title: 'Your licence isn’t valid yet.',
      remedy: 'Wait until it is, or have an administrator record another.',
    },
    'licence.expired': {
      title: 'Your licence has expired.',
      remedy: 'Don’t treat. End the session if one is open, and have an administrator record the renewed licence.',
      constraints: { manipulation_needs_licence: 409 },
    },
    'licence.revoked': {
      title: 'Your licence was revoked.',
      remedy: 'Don’t treat. End the session if one is open. Another practitioner treats the patient.',
      constraints: { manipulation_after_revocation: 409 },
    },
  },
  missing: { licence_of_staff: 'person' },
};
