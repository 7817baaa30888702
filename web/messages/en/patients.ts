export const patients = {
  // What comes next, as buttons say it.
  goToSession: 'Go to the session',
  screen: 'Screen the patient',
  beginDiscussion: 'Begin the discussion',
  startSession: 'Start the session',
  screenAgain: 'Screen again',
  renewConsent: 'Renew the consent',
  continueDiscussion: 'Continue the discussion',
  title: 'Patients',
  identity: 'Whose record this is',
  trail: 'Where you are',
  born: 'Born',
  bornAged: '{date} ({age})',
  recordNumber: 'Record',
  sex: 'Sex',
  language: 'Prefers',
  archived: 'Archived',
  held: 'Legal hold',
  notThere: 'This record can’t be shown',
  search: 'Find a patient',
  searchPlaceholder: 'Name, record number or birth date',
  searchHint: 'Any part of a name or record number, or a birth date such as {example}. The arrow keys go through what is found.',
  archivedToo: 'Archived patients too',
  found: { one: 'One patient', other: '{count} patients' },
  foundMore: 'The first {count} patients',
  noneFound: 'Nobody is found by “{query}”',
  noneFoundHint: 'Try fewer letters, or the birth date. Whoever isn’t here yet can be registered.',
  all: 'See all that are found',
  showMore: 'Show more',
  register: 'Register a patient',
  treated: 'Whom you treated last',
  registered: 'Who was registered last',
  none: 'No patient is registered yet',
  noneHint: 'Register the first one. Then a practitioner screens them and discusses the risks.',
  nobodyMayRegister: 'Practitioners and receptionists register patients.',
} as const;

/** Administrative gender, the codes of HL7 FHIR. */
export const sexes = {
  female: 'Female',
  male: 'Male',
  other: 'Other',
  unknown: 'Not recorded',
} as const;

/** Contraindications of the built-in questionnaire. A clinic's own have their codes shown. */
export const findings = {
  fracture_or_dislocation: 'Fracture or dislocation',
  spinal_tumour: 'Spinal tumour',
  cord_compression: 'Compression of the spinal cord',
  osteoporosis: 'Osteoporosis',
  systemic_inflammatory_disease: 'Inflammatory disease',
  anticoagulant_or_bleeding_disorder: 'Blood thinner or bleeding disorder',
  progressive_neurological_deficit: 'Progressive neurological deficit',
  spinal_infection: 'Infection of the spine',
  instability_or_fixation: 'Instability or fixation',
  cervical_arterial_warning: 'Warning signs of the neck’s arteries',
  cauda_equina_warning: 'Warning signs of cauda equina syndrome',
  earlier_reaction: 'Harm after an earlier manipulation',
} as const;

/** Why a representative's authority ended before its time. */
export const endReasons = {
  capacity_regained: 'The patient can decide again',
  came_of_age: 'The patient came of age',
  revoked: 'It was revoked or given up',
  discharged: 'A court or public body discharged it',
  died: 'The representative died',
  recorded_in_error: 'It was recorded in error',
} as const;
