export const patients = {
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
  search: 'Find a patient',
  searchPlaceholder: 'Name, record number or birth date',
  searchHint: 'Any part of a name or record number, or a birth date such as {example}. ↓ and ↑ go through the patients, Enter opens one.',
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
