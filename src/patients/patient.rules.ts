import type { Rules } from '../common/rules.js';

export const PATIENT_RULES: Rules = {
  codes: {
    'patient.record-number-taken': {
      title: 'Another patient has this record number.',
      remedy: 'Use another, or leave it out to get the next free one.',
      constraints: { patient_record_number_unique: 409 },
    },
    'patient.name-not-readable': {
      title: 'The patient’s name can’t be read.',
      remedy: 'Write it with letters or digits, and without invisible characters.',
      constraints: { patient_has_names: 422 },
    },
    'patient.archived': {
      title: 'The patient is archived.',
      remedy: 'Restore the record first.',
      constraints: { patient_archived: 409 },
    },
    'patient.already-archived': { title: 'This patient is already archived.', constraints: { patient_archived_once: 409 } },
    'patient.not-archived': { title: 'This patient isn’t archived.', constraints: { patient_restored_from_archive: 409 } },
    'patient.session-open': {
      title: 'The patient has a session in progress.',
      remedy: 'End the session first.',
      constraints: { archived_without_open_session: 409 },
    },
    'patient.erased': {
      title: 'The record of this patient was erased.',
      remedy:
        'Sessions and consents can still be read by their own ids, without names or free text. To treat this person again, register them as a new patient.',
      constraints: { patient_erased: 410, patient_erased_stays_blank: 410 },
    },
    'representative.already-ended': {
      title: 'This authority has already been ended.',
      constraints: { authority_ended_once: 409 },
    },
    'representative.authority-over': {
      title: 'This authority has already expired, so there is nothing to end.',
      constraints: { end_of_authority_not_over: 409 },
    },
  },
  missing: { representative_of_patient: 'patient' },
  malformed: {
    patient_birth_date_not_in_future: { field: 'birthDate', message: 'must not be in the future' },
    representative_has_name: { field: 'name', message: 'must have a letter or a digit' },
    representative_has_authority: { field: 'authority', message: 'must have a letter or a digit' },
  },
};
