import { AppError, busy } from './errors.js';

/** [status, code, what happened, what to do about it] */
type Explanation = readonly [number, string, string, string?];

/**
 * The database's rules in the caller's words: every constraint that a request can run into, by name. Rules that triggers
 * enforce carry a constraint's name as well (app.refuse). What isn't here is a defect and answers 500.
 */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  clinic_already_set_up: [409, 'clinic.already-set-up', 'This database already holds a clinic.'],
  clinic_time_zone_known: [
    422,
    'clinic.time-zone-unknown',
    'PostgreSQL knows no such time zone.',
    'Use an IANA name such as Europe/London.',
  ],

  clinic_administrators_need_mfa: [422, 'policy.administrators-need-second-factor', 'Administrators always show a second factor.'],
  staff_once_per_clinic: [
    409,
    'staff.already-here',
    'Somebody in this clinic has this email address.',
    'Send them a new link: POST /api/staff/{id}/invitation.',
  ],
  staff_keep_administrator: [
    409,
    'staff.last-administrator',
    'Nobody else administers this clinic.',
    'Make somebody else an administrator first.',
  ],
  staff_begins_by_invitation: [409, 'staff.not-invited', 'Only the invited person can begin.', 'Send them an invitation.'],
  invitation_by_mail: [
    409,
    'invitation.by-mail',
    'This person also works in another clinic, so the link may only go to them.',
    'Set up a mail server (SMTP_URL), or let them sign in and change the password themselves.',
  ],
  invitation_open: [
    410,
    'invitation.closed',
    'This link was used, replaced, or has expired.',
    'Sign in if you have set a password already. Otherwise ask an administrator of your clinic for a new link.',
  ],
  invitation_by_account: [
    409,
    'invitation.sign-in-first',
    'You have an account already.',
    'Sign in to it, with your second factor if you have one, and open the link again.',
  ],
  session_in_own_clinic: [403, 'clinic.not-yours', 'You have no place in this clinic, or this sign-in doesn’t count there.'],
  factor_needed_by_password: [
    409,
    'second-factor.needed',
    'Your password is too short to stand alone.',
    'Change it to one of at least 15 characters first: PUT /api/me/password.',
  ],
  passkey_pkey: [409, 'passkey.already-added', 'This passkey is already added.'],
  key_expiry_within_a_year: [422, 'key.expiry', 'A key expires within a year from now.'],
  staff_practitioner_has_profession: [422, 'staff.profession', 'A practitioner has a profession, and nobody else does.'],

  licence_of_staff: [404, 'not-found', 'There is no such person.'],
  licence_recorded_once: [409, 'licence.already-recorded', 'This licence is already recorded for that period.'],
  licence_revoked_once: [409, 'licence.already-revoked', 'This licence is already revoked.'],

  patient_record_number_unique: [
    409,
    'patient.record-number-taken',
    'Another patient has this record number.',
    'Use another, or leave it out to get the next free one.',
  ],
  patient_birth_date_not_in_future: [400, 'malformed', 'The birth date lies in the future.'],
  representative_of_patient: [404, 'not-found', 'There is no such patient.'],
  authority_ended_once: [409, 'representative.already-ended', 'This authority has already been ended.'],
  end_of_authority_not_over: [409, 'representative.authority-over', 'This authority is over, so there is nothing to end.'],

  patient_archived: [409, 'patient.archived', 'The patient is archived.', 'Restore the record first: POST /api/patients/{id}/restore.'],
  patient_archived_once: [409, 'patient.already-archived', 'This patient is already archived.'],
  patient_restored_from_archive: [409, 'patient.not-archived', 'This patient isn’t archived.'],
  archived_without_open_session: [409, 'patient.session-open', 'The patient has an open session.', 'End it first.'],
  patient_erased: [
    410,
    'patient.erased',
    'The record of this patient was erased.',
    'Sessions and consents stay under their own ids, without names or words.',
  ],
  patient_erased_stays_blank: [410, 'patient.erased', 'The record of this patient was erased.', 'Register the patient anew.'],
  legal_hold_of_patient: [404, 'not-found', 'There is no such patient.'],
  legal_hold_lifted_once: [409, 'legal-hold.already-lifted', 'This legal hold is already lifted.'],
  erasure_of_archived_patient: [
    409,
    'erasure.not-archived',
    'The patient isn’t archived.',
    'Archive the record first: POST /api/patients/{id}/archive.',
  ],
  erasure_without_open_session: [409, 'erasure.session-open', 'The patient has an open session.', 'End it first.'],
  erasure_without_legal_hold: [
    409,
    'erasure.legal-hold',
    'A legal hold is in force.',
    'Look at GET /api/patients/{id}/legal-holds. Nothing is erased until each of them is lifted.',
  ],
  erasure_after_retention: [
    409,
    'erasure.retention',
    'The record must still be kept.',
    'Wait until the day that GET /api/patients/{id} gives as erasableFrom. It follows from the last entry and the clinic’s policy.',
  ],
  erasure_reason_names_nobody: [
    422,
    'erasure.reason-names-patient',
    'The reason contains a name of the patient, a representative, or the record number.',
    'Write it without: the reason stays.',
  ],

  questionnaire_adds_disclosed_risks: [
    422,
    'questionnaire.risk-not-told',
    'The current disclosure doesn’t describe every risk that this questionnaire adds.',
    'Publish a disclosure that describes them first.',
  ],
  disclosure_has_risks: [422, 'disclosure.no-risk', 'A disclosure needs at least one risk that is always discussed.'],
  disclosure_covers_added_risks: [
    422,
    'disclosure.risk-not-told',
    'The current questionnaire adds risks that this disclosure doesn’t describe.',
    'Add them with always: false.',
  ],

  screening_of_patient: [404, 'not-found', 'There is no such patient.'],
  screening_of_questionnaire: [404, 'not-found', 'There is no such questionnaire.'],
  screening_uses_current_questionnaire: [
    409,
    'screening.questionnaire-replaced',
    'A newer version of this questionnaire is published.',
    'Fetch /api/questionnaires/current and ask again.',
  ],
  screening_answers_every_question: [
    422,
    'screening.unanswered',
    'Not every question is answered.',
    'Answer each one with no, yes or unsure.',
  ],
  screening_answers_its_questions: [
    422,
    'screening.answers-other-questions',
    'An answer is given twice or belongs to no question.',
    'Answer each question of the questionnaire once.',
  ],
  approval_of_screening: [404, 'not-found', 'There is no such screening.'],
  approval_of_latest_screening: [409, 'screening.replaced', 'The patient was screened again since.', 'Look at the newer screening.'],
  approval_by_second_practitioner: [
    403,
    'screening.approval-needs-second-practitioner',
    'The practitioner who screened can’t approve the findings.',
    'Ask another practitioner.',
  ],
  approval_clears_something: [
    422,
    'screening.nothing-to-approve',
    'No finding of this screening waits for an approval. Absolute contraindications can’t be approved.',
    'Refer the patient.',
  ],
  approval_while_valid: [409, 'screening.expired', 'The screening is too old.', 'Screen the patient again.'],
  screening_approvals_pkey: [409, 'screening.already-approved', 'This screening is already approved.'],

  discussion_of_patient: [404, 'not-found', 'There is no such patient.'],
  discussion_needs_screening: [
    409,
    'screening.none',
    'The patient hasn’t been screened.',
    'Screen the patient first: findings add risks to discuss.',
  ],
  discussion_language_published: [
    422,
    'disclosure.language',
    'No disclosure is published in this language.',
    'Use a published language with an interpreter, or publish the disclosure in this one.',
  ],
  discussion_needs_current_disclosure: [
    409,
    'disclosure.outdated',
    'The disclosure in this language is older than one that requires re-consent.',
    'Use that one with an interpreter, or publish the disclosure in this language again.',
  ],
  discussion_covers_every_risk: [
    409,
    'disclosure.risk-not-told',
    'The disclosure in this language doesn’t tell every risk that is told in another one.',
    'Use that language with an interpreter, or publish the disclosure in this one with every risk.',
  ],
  disclosure_covers_every_risk: [
    422,
    'disclosure.risk-not-told',
    'The disclosure lacks risks that are told in another language.',
    'Add their text in this language. To tell a risk no more, in any language, require re-consent.',
  ],
  discussed_risk_in_discussion: [404, 'not-found', 'There is no such discussion.'],
  discussed_risk_is_required: [404, 'not-found', 'This discussion has no such risk.'],
  discussed_risk_stays: [
    409,
    'discussion.risk-already-discussed',
    'This risk is already recorded as discussed, with another question or answer.',
    'What is written stays. Open a new discussion if it is wrong.',
  ],
  discussed_risk_before_decision: [
    409,
    'discussion.decided',
    'The decision on this discussion is already recorded.',
    'Open a new discussion.',
  ],

  consent_follows_discussion: [404, 'not-found', 'There is no such discussion.'],
  consent_once_per_discussion: [
    409,
    'discussion.decided',
    'The decision on this discussion is already recorded.',
    'Open a new discussion.',
  ],
  consent_needs_current_disclosure: [409, 'consent.outdated', 'A newer disclosure must be discussed.', 'Open a new discussion.'],
  consent_needs_every_risk_discussed: [
    422,
    'consent.risks-not-discussed',
    'Not every risk was discussed.',
    'Discuss the missing ones, one by one.',
  ],
  consent_of_minor_needs_representative: [422, 'consent.minor', 'The patient is a minor.', 'Record the decision of a representative.'],
  consent_without_capacity_needs_representative: [
    422,
    'consent.capacity',
    'The patient’s capacity isn’t confirmed.',
    'Confirm it, or record the decision of a representative.',
  ],
  consent_of_adult_with_capacity_is_personal: [
    422,
    'consent.not-representable',
    'An adult with capacity decides personally.',
    'Record the patient’s own decision.',
  ],
  consent_within_discussed_regions: [
    422,
    'consent.regions',
    'Consent can only cover regions that were discussed.',
    'Leave out the others, or open a new discussion.',
  ],
  consent_needs_authority: [
    422,
    'consent.authority',
    'The representative’s authority isn’t valid for this patient now.',
    'Record a representative whose authority is valid.',
  ],
  consent_needs_alternatives: [
    422,
    'consent.alternatives-not-discussed',
    'The alternatives weren’t discussed.',
    'Discuss them, then set alternativesDiscussed.',
  ],
  consent_needs_right_to_withdraw: [
    422,
    'consent.right-to-withdraw-not-told',
    'The patient wasn’t told of the right to withdraw.',
    'Say it, then set rightToWithdrawTold.',
  ],
  consent_needs_teach_back: [
    422,
    'consent.no-teach-back',
    'The teach-back is missing.',
    'Record what the patient understood, in their own words.',
  ],
  consent_needs_signature: [422, 'consent.no-signature', 'The signature is missing.', 'Have the decider sign.'],
  consent_withdrawn_once: [409, 'consent.already-withdrawn', 'This consent is already withdrawn.'],
  withdrawal_of_consent_in_force: [409, 'consent.not-in-force', 'This consent isn’t in force, so there is nothing to withdraw.'],
  withdrawal_needs_authority: [
    422,
    'consent.authority',
    'The representative’s authority isn’t valid for this patient now.',
    'Record the withdrawal as the patient’s, or of a representative whose authority is valid.',
  ],

  session_of_archived_patient: [409, 'session.refused', 'The patient is archived.'],
  session_of_patient: [404, 'not-found', 'There is no such patient.'],
  session_needs_licence: [409, 'session.refused', 'The licence isn’t valid.'],
  session_needs_screening: [409, 'session.refused', 'The screening doesn’t clear the patient.'],
  session_needs_consent: [409, 'session.refused', 'No consent is in force.'],
  session_needs_every_risk_discussed: [409, 'session.refused', 'Not every risk was discussed before the consent.'],
  session_needs_a_region: [409, 'session.refused', 'No region is both cleared and consented to.'],
  session_one_open_per_patient: [409, 'session.refused', 'The patient has an open session.'],
  session_ended_once: [409, 'session.already-ended', 'This session has already ended.'],

  manipulation_in_session: [404, 'not-found', 'There is no such session.'],
  manipulation_by_the_practitioner: [
    403,
    'session.of-another-practitioner',
    'Only the practitioner who started a session records manipulations in it.',
  ],
  manipulation_in_open_session: [409, 'session.already-ended', 'This session has ended.', 'Start a new one.'],
  manipulation_segment_known: [
    422,
    'manipulation.segment',
    'This region has no such segment.',
    'Name a vertebra (C5), a motion segment (C5/C6), sacrum, or left_sacroiliac and right_sacroiliac.',
  ],
  manipulation_within_consent: [
    422,
    'manipulation.not-consented',
    'The consent doesn’t cover this region with this technique.',
    'Discuss it and record a new consent.',
  ],
  manipulation_within_screening: [
    422,
    'manipulation.not-cleared',
    'The screening doesn’t clear this region.',
    'Screen the patient again, or treat another region.',
  ],
  manipulation_after_revocation: [409, 'licence.revoked', 'Your licence was revoked.', 'Stop. End the session.'],
  manipulation_needs_licence: [409, 'licence.expired', 'Your licence has expired.', 'Stop. End the session.'],
  manipulation_after_newer_screening: [
    409,
    'screening.replaced',
    'The patient was screened again since the session started.',
    'End the session. A new one goes by the newer screening.',
  ],
  manipulation_needs_screening: [
    409,
    'screening.expired',
    'The screening no longer clears the patient.',
    'End the session. A new one needs a screening that clears.',
  ],
  manipulation_after_withdrawal: [409, 'consent.withdrawn', 'The consent was withdrawn.', 'Stop. End the session.'],
  manipulation_after_newer_decision: [
    409,
    'consent.replaced',
    'A newer decision replaced the consent.',
    'Stop. End the session. A new one goes by the newer decision.',
  ],
  manipulation_with_outdated_consent: [
    409,
    'consent.outdated',
    'Something that must be discussed changed since the consent was given.',
    'Stop. End the session, and discuss the risks again.',
  ],
  manipulation_after_authority: [
    409,
    'consent.unrepresented',
    'The authority of the representative who gave the consent has ended.',
    'Stop. End the session, and discuss the risks with whoever decides now.',
  ],
  manipulation_needs_consent: [
    409,
    'consent.expired',
    'The consent is no longer in force.',
    'Stop. End the session, and discuss the risks again.',
  ],
};

/** Refusals of a start that another transaction may have caused: the request runs once more and then knows the reason. */
const RACES = new Set([
  'session_of_archived_patient',
  'session_needs_licence',
  'session_needs_screening',
  'session_needs_consent',
  'session_needs_every_risk_discussed',
  'session_needs_a_region',
  'session_one_open_per_patient',
  // Two of a kind that didn't see each other.
  'screening_one_at_a_time',
  'consent_one_at_a_time',
]);

/** The part of pg's DatabaseError that matters here; TypeORM wraps it, and copies these fields to its own error. */
interface DatabaseError extends Error {
  readonly code: string;
  readonly constraint?: string;
  readonly detail?: string;
}

function isDatabaseError(error: unknown): error is DatabaseError {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}

/** Serialization failure, deadlock, or a race for the gate: nothing was written, and a second try may succeed. */
export function isRace(error: unknown): boolean {
  return isDatabaseError(error) && (error.code === '40001' || error.code === '40P01' || RACES.has(error.constraint ?? ''));
}

/** The words for a rule, by its constraint's name, for whoever tells of it before anybody runs into it. */
export function explainRule(name: string): { code: string; message: string; remedy: string } {
  const [, code, message, remedy = ''] = EXPLANATIONS[name] ?? [500, name, name];
  return { code, message, remedy };
}

/** What the caller is told of an error of the database; undefined where it is a defect of ours. */
export function explain(error: unknown): AppError | undefined {
  if (!isDatabaseError(error)) return undefined;
  const explanation = EXPLANATIONS[error.constraint ?? ''];
  if (explanation) {
    const [status, code, title, detail] = explanation;
    return new AppError(code, status, title, { detail, missing: codes(error.detail), cause: error });
  }
  switch (error.code) {
    case '40001': // serialization failure
    case '40P01': // deadlock
    case '55P03': // lock not available
    case '57014': // statement time-out
      return busy(error);
    case '42501': // insufficient privilege: a policy of the database refused
      return new AppError('forbidden', 403, 'This is not yours to do.', { cause: error });
    default:
      return undefined;
  }
}

/** app.refuse passes what is missing as a JSON list of codes. */
function codes(detail: string | undefined): string[] | undefined {
  return detail?.startsWith('[') ? (JSON.parse(detail) as string[]) : undefined;
}
