import type { Rules } from '../common/rules.js';

export const LICENCE_RULES: Rules = {
  codes: {
    'licence.already-recorded': {
      title: 'This licence is already recorded for that period.',
      constraints: { licence_recorded_once: 409 },
    },
    'licence.already-revoked': { title: 'This licence is already revoked.', constraints: { licence_revoked_once: 409 } },
    'licence.none': {
      title: 'You have no licence on record.',
      remedy: 'Ask an administrator to record your licence.',
      constraints: { licence_none: 409 },
    },
    'licence.not-yet-valid': {
      title: 'Your licence isn’t valid yet.',
      remedy: 'Wait until it is valid, or ask an administrator to record another licence.',
      constraints: { licence_not_yet_valid: 409 },
    },
    'licence.expired': {
      title: 'Your licence has expired.',
      remedy: 'Don’t treat. End the session if one is open, and ask an administrator to record the renewed licence.',
      constraints: {
        licence_expired: 409,
        manipulation_needs_licence: 409,
        screening_needs_licence: 409,
        approval_needs_licence: 409,
        discussed_risk_needs_licence: 409,
        consent_needs_licence: 409,
      },
    },
    'licence.revoked': {
      title: 'Your licence was revoked.',
      remedy: 'Don’t treat. End the session if one is open. Another practitioner can treat the patient.',
      constraints: { licence_revoked: 409, manipulation_after_revocation: 409 },
    },
  },
  missing: { licence_of_staff: 'person' },
  // Revoked, or expired, while the act waited: there may be another one.
  races: [
    'licence_revoked',
    'licence_expired',
    'screening_needs_licence',
    'approval_needs_licence',
    'discussed_risk_needs_licence',
    'consent_needs_licence',
  ],
};
