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
} as const;

/** Administrative gender, the codes of HL7 FHIR. */
export const sexes = {
  female: 'Female',
  male: 'Male',
  other: 'Other',
  unknown: 'Not recorded',
} as const;
