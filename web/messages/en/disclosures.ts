/** The disclosure audit: which sessions there were, on which consent, after which risks. */
export const disclosures = {
  title: 'Disclosure audit',
  intro: 'Every session, with the consent it rests on and every risk that was discussed with the patient before it.',
  download: 'Download as CSV',
  downloaded: 'The file is in your downloads.',
  practitioner: 'Practitioner',
  anyPractitioner: 'Everybody',
  region: 'Region consented to',
  anyRegion: 'Any',
  version: 'Version of the disclosure',
  anyVersion: 'Any',
  versionNumber: 'Version {number}',

  totals: 'Was every session covered?',
  totalsHint:
    'Each session is checked anew from the records of licences, screenings, consents and discussed risks, not taken from what let it start.',
  sessions: 'Sessions',
  covered: 'Covered',
  exceptions: 'Exceptions',
  exceptionsNone: 'As it must be',
  exceptionsSome: 'This must be 0',
  risksDiscussed: 'Risks discussed',
  refusals: 'Starts refused',
  refusalsUnknown: 'A refused start has no region and no version.',
  allCovered:
    'All sessions of this period were covered: a valid licence, a screening that cleared the patient, a consent in force, and every risk discussed.',
  noneYet: 'There was no session to check.',
  exceptionsTitle: { one: 'One session wasn’t covered', other: '{count} sessions weren’t covered' },
  exceptionsHint:
    'Find out what happened with each. The database refuses such a session, so either something was changed past the gate, or a record was changed afterwards. Verify the log first: it names what was altered.',
  exceptionsNewest: 'The newest {count} are named here.',
  exceptionOf: '{practitioner}, {when}',
  onlyPatient: 'All sessions of this patient',
  verifyLog: 'Go to the verification of the log',

  perWeek: 'Sessions per week',
  weekOf: 'Week from {date}: {sessions} sessions, {covered} covered',
  byReason: 'Why starts were refused',
  byReasonHint: 'One refused start may have several reasons.',

  view: 'What is shown',
  sessionsTab: 'Sessions',
  refusalsTab: 'Starts refused',
  sessionsCaption: 'Sessions, the newest first',
  refusalsCaption: 'Refused starts, the newest first',
  started: 'Started',
  consent: 'Consent',
  risks: 'Risks discussed',
  refused: 'Refused',
  reasons: 'Why',
  decidedByPatient: 'by the patient',
  decidedByRepresentative: 'by {name}, {relationship}',
  inMode: '{mode}, in {language}',
  withInterpreter: 'interpreter: {name}',
  noConsent: 'Missing',
  noConsentHint: 'The session cites a consent that isn’t there.',
  risksCount: { one: 'One risk', other: '{count} risks' },
  riskLine: '{who}, {when}: {duration} before the start',
  noSessions: 'No session in this period',
  noSessionsHint: 'Choose a longer period, or take a filter away. A session appears here the moment it starts.',
  noRefusals: 'No start was refused in this period',
  noRefusalsHint: 'When somebody tries to start a session without what it needs, the attempt and its reasons appear here.',
  refusalsUnfiltered: 'Region and version don’t count here: a start that was refused cites no consent.',
  noReasons: 'Erased with the patient’s record',

  storyTitle: 'The story of a consent',
  storyIntro:
    'Everything the record tells about this consent, in the order in which it happened: the screening, each risk, the decision, the sessions, how it ended, and who looked at it.',
  storyPatient: 'Patient: {name}',
  back: 'Back to the audit',
  storyEmpty: 'The record tells nothing of this consent',
  storyEmptyHint: 'It may be older than the record of what happened.',
  inLog: 'Entry {number} of the log',
  notInLog: 'Waits for the log',
  values: 'What was written',
  valuesOf: 'What was written: {what}',
  refusedBecause: 'Refused: {reason}',
} as const;

/** What was in the way of a session, for a list of reasons. */
export const blockers = {
  'patient.archived': 'Patient archived',
  'patient.erased': 'Record erased',
  'licence.none': 'No licence on record',
  'licence.not-yet-valid': 'Licence not valid yet',
  'licence.expired': 'Licence expired',
  'licence.revoked': 'Licence revoked',
  'screening.none': 'Not screened',
  'screening.expired': 'Screening too old',
  'screening.referred': 'Contraindication found',
  'screening.replaced': 'Newer screening',
  'consent.none': 'No consent recorded',
  'consent.refused': 'Patient refused',
  'consent.expired': 'Consent expired',
  'consent.withdrawn': 'Consent withdrawn',
  'consent.replaced': 'Newer decision',
  'consent.outdated': 'Something to discuss has changed',
  'consent.unrepresented': 'Representative’s authority ended',
  'scope.none': 'No region both cleared and consented to',
  'session.already-open': 'Another session open',
  'check.changed': 'Patient reported a change',
  'check.consent-doubted': 'Patient didn’t confirm consent',
} as const;

/** What a session lacked. */
export const conditions = {
  licence: 'The practitioner’s licence wasn’t valid.',
  screening: 'No screening cleared the patient at that moment.',
  consent: 'No consent was in force at that moment.',
  risks: 'Not every risk was discussed before the decision.',
  region: 'No region was both cleared and consented to.',
  authority: 'The representative had no authority when deciding, or it was ended before the start.',
  check: 'The questions at the start weren’t answered as they must be.',
  record: 'The session’s copy of regions and version differs from its consent.',
} as const;

export const modes = { in_person: 'in person', video: 'by video', phone: 'by telephone' } as const;

/** What happened to a consent: what stands behind the name of who did it. */
export const steps = {
  screened: 'screened the patient',
  'screening-changed': 'changed until when or what the screening clears',
  approved: 'approved findings of the screening',
  'discussion-opened': 'opened the discussion',
  'risk-discussed': 'discussed a risk',
  'question-added': 'wrote down a question and its answer',
  decided: 'recorded the decision',
  withdrawn: 'recorded the withdrawal',
  ended: 'ended the consent',
  'session-started': 'started a session',
  'session-ended': 'ended a session',
  'looked-at': 'looked at it',
  refused: 'tried something that was refused',
  changed: 'changed something',
} as const;

/** Lengths of time, the largest unit that fits. */
export const durations = {
  seconds: { one: 'one second', other: '{count} seconds' },
  minutes: { one: 'one minute', other: '{count} minutes' },
  hours: { one: 'one hour', other: '{count} hours' },
  days: { one: 'one day', other: '{count} days' },
} as const;
