import type { Rules } from '../common/rules.js';

export const SCREENING_RULES: Rules = {
  codes: {
    'questionnaire.risk-not-told': {
      title: 'The current disclosure doesn’t describe every risk that this questionnaire adds.',
      remedy: 'Publish a disclosure that describes them first.',
      constraints: { questionnaire_adds_disclosed_risks: 422 },
    },
    'screening.questionnaire-replaced': {
      title: 'A newer version of this questionnaire is published.',
      remedy: 'Load /api/questionnaires/current and ask its questions.',
      constraints: { screening_uses_current_questionnaire: 409 },
    },
    'screening.unanswered': {
      title: 'Not every question is answered.',
      remedy: 'Answer each one with no, yes or unsure.',
      constraints: { screening_answers_every_question: 422 },
    },
    'screening.answers-other-questions': {
      title: 'A question is answered twice, or an answer belongs to no question.',
      remedy: 'Answer each question of the questionnaire once.',
      constraints: { screening_answers_its_questions: 422 },
    },
    'screening.approval-needs-second-practitioner': {
      title: 'The practitioner who screened can’t approve the findings.',
      remedy: 'Ask another practitioner.',
      constraints: { approval_by_second_practitioner: 403 },
    },
    'screening.nothing-to-approve': {
      title: 'No finding of this screening is awaiting approval. Absolute contraindications can’t be approved.',
      remedy: 'Refer the patient.',
      constraints: { approval_clears_something: 422 },
    },
    'screening.already-approved': { title: 'This screening is already approved.', constraints: { screening_approvals_pkey: 409 } },
    'screening.none': {
      title: 'The patient hasn’t been screened.',
      remedy: 'Screen the patient first: findings add risks to discuss.',
      constraints: { discussion_needs_screening: 409 },
    },
    'screening.unlicensed': {
      title: 'The screening was recorded, or its findings approved, by somebody without a valid licence.',
      remedy: 'Screen the patient again. End the session if one is open.',
      constraints: { approval_of_licensed_screening: 409, manipulation_needs_licensed_screening: 409 },
    },
    'screening.expired': {
      title: 'The screening has expired.',
      remedy: 'Screen the patient again. End the session if one is open.',
      constraints: { approval_while_valid: 409, manipulation_needs_screening: 409 },
    },
    'screening.referred': {
      title: 'The screening found contraindications, and no region is cleared.',
      remedy:
        'Refer the patient, or, where findings are relative, record medical advice in a new screening or ask a second practitioner’s approval.',
    },
    'screening.change-reported': {
      title: 'The patient reported a change since the screening.',
      remedy: 'Screen the patient again. End the session if one is open.',
      constraints: { approval_without_reported_change: 409, manipulation_after_reported_change: 409 },
    },
    'screening.replaced': {
      title: 'The patient has been screened again since then.',
      remedy: 'See the newer screening. End the session if one is open: a new one uses the newer screening.',
      constraints: { approval_of_latest_screening: 409, manipulation_after_newer_screening: 409 },
    },
  },
  missing: { screening_of_patient: 'patient', screening_of_questionnaire: 'questionnaire', approval_of_screening: 'screening' },
  malformed: {
    screening_advice_whole: { field: 'advice', message: 'must have a name, a profession, a date and a text' },
    approval_has_reason: { field: 'reason', message: 'must have a letter or a digit' },
  },
  // Two that didn't see each other.
  races: ['screening_one_at_a_time'],
};
