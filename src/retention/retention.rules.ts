import type { Rules } from '../common/rules.js';

export const RETENTION_RULES: Rules = {
  codes: {
    'legal-hold.already-lifted': { title: 'This legal hold is already lifted.', constraints: { legal_hold_lifted_once: 409 } },
    'erasure.not-archived': {
      title: 'The patient isn’t archived.',
      remedy: 'Archive the record first: POST /api/patients/{id}/archive.',
      constraints: { erasure_of_archived_patient: 409 },
    },
    'erasure.session-open': {
      title: 'The patient has a session in progress.',
      remedy: 'End the session first.',
      constraints: { erasure_without_open_session: 409 },
    },
    'erasure.legal-hold': {
      title: 'A legal hold is in force.',
      remedy: 'See GET /api/patients/{id}/legal-holds. Nothing can be erased until all of them are lifted.',
      constraints: { erasure_without_legal_hold: 409 },
    },
    'erasure.retention': {
      title: 'The record must still be kept.',
      remedy: 'Wait until the date erasableFrom in GET /api/patients/{id}. It depends on the last entry and the clinic’s policy.',
      constraints: { erasure_after_retention: 409 },
    },
    'erasure.reason-names-patient': {
      title: 'The reason contains a name of the patient, a representative, or the record number.',
      remedy: 'Remove them: the reason is kept after the erasure.',
      constraints: { erasure_reason_names_nobody: 422 },
    },
  },
  missing: { legal_hold_of_patient: 'patient' },
};
