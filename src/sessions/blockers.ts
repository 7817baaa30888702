import type { Blocker } from '../common/errors.js';

/** Every reason for which a session can't start: what is the matter, and what to do about it. */
const BLOCKERS: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  'patient.archived': ['The patient is archived.', 'Restore the record first.'],
  'patient.erased': ['The record of this patient was erased.', 'Register the patient anew.'],
  'licence.none': ['You have no licence on record.', 'An administrator records your licence.'],
  'licence.not-yet-valid': ['Your licence isn’t valid yet.', 'Wait until it is, or have an administrator record another.'],
  'licence.expired': ['Your licence has expired.', 'Have an administrator record the renewed licence.'],
  'licence.revoked': ['Your licence was revoked.', 'Another practitioner treats the patient.'],
  'screening.none': ['The patient hasn’t been screened.', 'Screen the patient for contraindications.'],
  'screening.expired': ['The screening is too old.', 'Screen the patient again.'],
  'screening.referred': [
    'The screening found contraindications and clears no region.',
    'Refer the patient, or, where findings are relative, record medical advice in a new screening or ask a second practitioner’s approval.',
  ],
  'screening.replaced': ['A newer screening replaced this one.', 'Look at the newer screening.'],
  'consent.none': ['No consent is recorded.', 'Discuss every risk, then record the patient’s decision.'],
  'consent.refused': ['The patient refused.', 'Don’t treat. If the patient changes their mind, open a new discussion.'],
  'consent.expired': ['The consent has expired.', 'Discuss the risks again and record a new decision.'],
  'consent.withdrawn': ['The consent was withdrawn.', 'Don’t treat. If the patient changes their mind, open a new discussion.'],
  'consent.replaced': ['A newer decision replaced this consent.', 'Look at the newer decision.'],
  'consent.outdated': [
    'Something that must be discussed changed since the consent was given.',
    'Open a new discussion, discuss every risk, and record a new decision.',
  ],
  'consent.unrepresented': [
    'The authority of the representative who gave the consent has ended.',
    'Open a new discussion with whoever decides now, discuss every risk, and record their decision.',
  ],
  'scope.none': [
    'No region is both cleared by the screening and consented to.',
    'Discuss a region that the screening clears, and record a new decision.',
  ],
  'session.already-open': ['The patient has an open session.', 'End it first.'],
  'check.changed': ['Something changed since the screening.', 'Screen the patient again.'],
  'check.consent-doubted': ['The patient doesn’t confirm the consent.', 'Don’t treat. Record the withdrawal, or discuss the risks again.'],
};

export function toBlocker(code: string): Blocker {
  const [message, remedy] = BLOCKERS[code] ?? [code, ''];
  return { code, message, remedy };
}
