import type { Rules } from '../common/rules.js';

export const CONSENT_RULES: Rules = {
  codes: {
    'disclosure.no-risk': {
      title: 'A disclosure needs at least one risk that is always discussed.',
      constraints: { disclosure_has_risks: 422 },
    },
    'disclosure.risk-not-told': {
      title: 'The disclosure in this language doesn’t describe every risk that must be discussed.',
      remedy:
        'Publish it in this language with every risk that another language describes and, with always: false, every risk that the current questionnaire adds. Until then, use another language with an interpreter. To drop a risk in all languages, require re-consent.',
      constraints: { disclosure_covers_added_risks: 422, disclosure_covers_every_risk: 422, discussion_covers_every_risk: 409 },
    },
    'disclosure.language': {
      title: 'No disclosure is published in this language.',
      remedy: 'Use a published language with an interpreter, or publish the disclosure in this one.',
      constraints: { discussion_language_published: 422 },
    },
    'disclosure.outdated': {
      title: 'The disclosure in this language is older than one that requires re-consent.',
      remedy: 'Use that one with an interpreter, or publish the disclosure in this language again.',
      constraints: { discussion_needs_current_disclosure: 409 },
    },
    'discussion.risk-already-discussed': {
      title: 'This risk is already recorded as discussed, with another question or answer.',
      remedy: 'Recorded text can’t be changed. Start a new discussion if it is wrong.',
      constraints: { discussed_risk_stays: 409 },
    },
    'discussion.decided': {
      title: 'A decision on this discussion is already recorded.',
      remedy: 'Start a new discussion.',
      constraints: { discussed_risk_before_decision: 409, consent_once_per_discussion: 409 },
    },
    'consent.risks-not-discussed': {
      title: 'Not every risk was discussed.',
      remedy: 'Discuss the missing ones, one by one.',
      constraints: { consent_needs_every_risk_discussed: 422 },
    },
    'consent.minor': {
      title: 'The patient is a minor.',
      remedy: 'Record the decision of a representative.',
      constraints: { consent_of_minor_needs_representative: 422 },
    },
    'consent.capacity': {
      title: 'The patient’s capacity isn’t confirmed.',
      remedy: 'Confirm it, or record the decision of a representative.',
      constraints: { consent_without_capacity_needs_representative: 422 },
    },
    'consent.not-representable': {
      title: 'An adult with capacity decides for themselves.',
      remedy: 'Record the patient’s own decision.',
      constraints: { consent_of_adult_with_capacity_is_personal: 422 },
    },
    'consent.regions': {
      title: 'Consent can only cover regions that were discussed.',
      remedy: 'Leave out the other regions, or start a new discussion.',
      constraints: { consent_within_discussed_regions: 422 },
    },
    'consent.authority': {
      title: 'The representative’s authority isn’t valid for this patient now.',
      remedy: 'Name a representative whose authority is valid. A withdrawal may also be recorded as the patient’s own.',
      constraints: { consent_needs_authority: 422, withdrawal_needs_authority: 422 },
    },
    'consent.alternatives-not-discussed': {
      title: 'The alternatives weren’t discussed.',
      remedy: 'Discuss them, then set alternativesDiscussed.',
      constraints: { consent_needs_alternatives: 422 },
    },
    'consent.right-to-withdraw-not-told': {
      title: 'The right to withdraw wasn’t explained to the patient.',
      remedy: 'Explain it, then set rightToWithdrawTold.',
      constraints: { consent_needs_right_to_withdraw: 422 },
    },
    'consent.no-teach-back': {
      title: 'The teach-back is missing.',
      remedy: 'Record what the patient understood, in their own words.',
      constraints: { consent_needs_teach_back: 422 },
    },
    'consent.no-signature': {
      title: 'The signature is missing.',
      remedy: 'Ask the decision-maker to sign.',
      constraints: { consent_needs_signature: 422 },
    },
    'consent.already-withdrawn': { title: 'This consent is already withdrawn.', constraints: { consent_withdrawn_once: 409 } },
    'consent.not-in-force': {
      title: 'This consent isn’t in force, so there is nothing to withdraw.',
      constraints: { withdrawal_of_consent_in_force: 409 },
    },
    'discussion.unlicensed': {
      title: 'The risks were discussed, or the consent recorded, by somebody without a valid licence.',
      remedy: 'Start a new discussion, discuss every risk, and record a new decision. End the session if one is open.',
      constraints: { consent_needs_licensed_discussion: 409, manipulation_needs_licensed_discussion: 409 },
    },
    'consent.none': { title: 'No consent is recorded.', remedy: 'Discuss every risk, then record the patient’s decision.' },
    'consent.refused': {
      title: 'The patient refused.',
      remedy: 'Don’t treat. If the patient changes their mind, start a new discussion.',
    },
    'consent.expired': {
      title: 'The consent has expired.',
      remedy: 'Discuss the risks again and record a new decision. End the session if one is open.',
      constraints: { manipulation_needs_consent: 409 },
    },
    'consent.withdrawn': {
      title: 'The consent was withdrawn.',
      remedy: 'Don’t treat. End the session if one is open. If the patient changes their mind, start a new discussion.',
      constraints: { manipulation_after_withdrawal: 409 },
    },
    'consent.doubted': {
      title: 'The patient no longer confirmed the consent.',
      remedy: 'Don’t treat. Record a withdrawal if that is what the patient wants, or discuss the risks again and record a new decision.',
      constraints: { manipulation_after_doubt: 409 },
    },
    'consent.replaced': {
      title: 'A newer decision replaced the consent.',
      remedy: 'See the newer decision. End the session if one is open: a new one uses the newer decision.',
      constraints: { manipulation_after_newer_decision: 409 },
    },
    'consent.outdated': {
      title: 'The information that must be discussed has changed since the consent was given.',
      remedy: 'Start a new discussion, discuss every risk, and record a new decision. End the session if one is open.',
      constraints: { consent_needs_current_disclosure: 409, manipulation_with_outdated_consent: 409 },
    },
    'consent.unrepresented': {
      title: 'The authority of the representative who gave the consent has ended.',
      remedy:
        'Start a new discussion with the person who decides now, discuss every risk, and record their decision. End the session if one is open.',
      constraints: { manipulation_after_authority: 409 },
    },
  },
  missing: {
    discussion_of_patient: 'patient',
    discussed_risk_in_discussion: 'discussion',
    discussed_risk_is_required: 'risk in this discussion',
    consent_follows_discussion: 'discussion',
  },
  malformed: {
    discussion_has_aim: { field: 'aim', message: 'must have a letter or a digit' },
    consent_witness_whole: { field: 'witness', message: 'must have a name' },
  },
  // Two that didn't see each other.
  races: ['consent_one_at_a_time'],
};
