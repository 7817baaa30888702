import { RuleBook, type Rules } from '../common/rules.js';
import { CONSENT_RULES } from '../consent/consent.rules.js';
import { PATIENT_RULES } from '../patients/patient.rules.js';
import { SCREENING_RULES } from '../screening/screening.rules.js';
import { LICENCE_RULES } from '../staff/licence.rules.js';

const GATE = {
  session_of_archived_patient: 409,
  session_needs_licence: 409,
  session_needs_screening: 409,
  session_needs_consent: 409,
  session_needs_every_risk_discussed: 409,
  session_needs_a_region: 409,
  session_needs_licensed_screening: 409,
  session_needs_licensed_discussion: 409,
  session_one_open_per_patient: 409,
} as const;

export const SESSION_RULES: Rules = {
  codes: {
    // Why is in its blockers: a start that ran into a constraint runs once more and asks the clearance.
    'session.refused': {
      title: 'The session can’t start.',
      remedy: 'See what is missing: GET /api/patients/{id}/clearance.',
      constraints: GATE,
    },
    'session.already-open': { title: 'The patient has a session in progress.', remedy: 'End the session first.' },
    'session.already-ended': {
      title: 'This session has already ended.',
      remedy: 'Start a new one.',
      constraints: { session_ended_once: 409, manipulation_in_open_session: 409 },
    },
    'session.of-another-practitioner': {
      title: 'Only the practitioner who started a session can record manipulations in it.',
      constraints: { manipulation_by_the_practitioner: 403 },
    },
    'scope.none': {
      title: 'No region is both cleared by the screening and consented to.',
      remedy: 'Discuss a region that the screening clears, and record a new decision.',
    },
    'check.changed': {
      title: 'The patient reported a change since the screening. It is recorded.',
      remedy: 'Screen the patient again. If it was a slip, retract the report within 10 minutes.',
    },
    'check.consent-doubted': {
      title: 'The patient doesn’t confirm the consent. That is recorded.',
      remedy: 'Don’t treat. Record the withdrawal, or discuss the risks again. If it was a slip, retract the report within 10 minutes.',
    },
    'report.no-words': {
      title: 'A report, and its retraction, need words.',
      remedy: 'Write down what the patient said, or why the report was a slip.',
      constraints: { patient_report_has_words: 422, patient_report_retraction_has_reason: 422 },
    },
    'report.already-retracted': { title: 'This report is already retracted.', constraints: { patient_report_retracted_once: 409 } },
    'report.of-another-person': {
      title: 'Only the person who recorded a report can retract it.',
      remedy: 'Screen the patient again, or discuss the risks again.',
      constraints: { patient_report_retracted_by_recorder: 403 },
    },
    'report.stays': {
      title: 'This report can’t be retracted any more.',
      remedy:
        'That is possible within 10 minutes, if nothing else was recorded meanwhile. Screen the patient again, or discuss the risks again and record a new decision.',
      constraints: { patient_report_retracted_soon: 409, patient_report_retracted_before_changes: 409 },
    },
    'manipulation.segment': {
      title: 'This region doesn’t have this segment.',
      remedy: 'Name a vertebra (C5), a motion segment (C5/C6), sacrum, or left_sacroiliac and right_sacroiliac.',
      constraints: { manipulation_segment_known: 422 },
    },
    'manipulation.not-consented': {
      title: 'The consent doesn’t cover this region with this technique.',
      remedy: 'Discuss it, and record a new consent.',
      constraints: { manipulation_within_consent: 422 },
    },
    'manipulation.not-cleared': {
      title: 'The screening doesn’t clear this region.',
      remedy: 'Screen the patient again, or treat another region.',
      constraints: { manipulation_within_screening: 422 },
    },
  },
  missing: { session_of_patient: 'patient', manipulation_in_session: 'session', patient_report_of_patient: 'patient' },
  races: Object.keys(GATE),
};

/** All that may keep a session from starting or going on. */
export const GATE_RULES = new RuleBook([PATIENT_RULES, LICENCE_RULES, SCREENING_RULES, CONSENT_RULES, SESSION_RULES]);
