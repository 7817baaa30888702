/** The disclosure audit: which sessions there were, on which consent, after which risks. */
export const disclosures = {
  title: 'Disclosure audit',
  intro: 'Every session, with the consent it depends on and every risk that was discussed with the patient beforehand.',
  download: 'Download as CSV',
  downloaded: 'The file is in your downloads.',
  practitioner: 'Practitioner',
  anyPractitioner: 'Everyone',
  region: 'Region consented to',
  anyRegion: 'Any',
  version: 'Version of the disclosure',
  anyVersion: 'Any',
  versionNumber: 'Version {number}',

  totals: 'Was every session covered?',
  totalsHint:
    'Each session is checked again from the records of licences, screenings, consents and discussed risks, independently of the checks made when it started.',
  sessions: 'Sessions',
  covered: 'Covered',
  exceptions: 'Exceptions',
  exceptionsNone: 'No exceptions',
  exceptionsSome: 'Must be 0',
  risksDiscussed: 'Risks discussed',
  refusals: 'Starts refused',
  refusalsUnknown: 'A refused start has no region or version.',
  allCovered:
    'All sessions of this period were covered: a valid licence, a screening that cleared the patient, a consent in force, and every risk discussed.',
  noneYet: 'There were no sessions to check.',
  exceptionsTitle: { one: 'One session wasn’t covered', other: '{count} sessions weren’t covered' },
  exceptionsHint:
    'Find out what happened in each case. The database refuses such a session, so either the gate was bypassed or a record was changed afterwards. Verify the log first: it shows what was altered.',
  exceptionsNewest: 'The newest {count} are listed here.',
  exceptionOf: '{practitioner}, {when}',
  onlyPatient: 'All sessions of this patient',
  verifyLog: 'Go to the verification of the log',

  perWeek: 'Sessions per week',
  weekOf: 'Week from {date}: {sessions} sessions, {covered} covered',
  byReason: 'Why starts were refused',
  byReasonHint: 'One refused start can have several reasons.',

  view: 'What is shown',
  sessionsTab: 'Sessions',
  refusalsTab: 'Starts refused',
  sessionsCaption: 'Sessions, newest first',
  refusalsCaption: 'Refused starts, newest first',
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
  noConsentHint: 'The session refers to a consent that doesn’t exist.',
  risksCount: { one: 'One risk', other: '{count} risks' },
  riskLine: '{who}, {when}: {duration} before the start',
  reported: {
    change: 'Reported before, {time}: a change, “{words}”',
    doubt: 'Reported before, {time}: a doubt about the consent, “{words}”',
  },
  reportRetracted: '(retracted)',
  noSessions: 'No sessions in this period',
  noSessionsHint: 'Choose a longer period, or remove a filter. A session appears here as soon as it starts.',
  noRefusals: 'No starts were refused in this period',
  noRefusalsHint: 'When someone tries to start a session and a requirement is missing, the attempt and the reasons appear here.',
  refusalsUnfiltered: 'The region and version filters don’t apply here: a refused start has no consent.',
  noReasons: 'Erased with the patient’s record',

  storyTitle: 'Consent history',
  storyIntro:
    'Everything recorded about this consent, in order: the screening, each risk, the decision, the sessions, how it ended, and who viewed it.',
  storyPatient: 'Patient: {name}',
  back: 'Back to the audit',
  storyEmpty: 'Nothing is recorded about this consent',
  storyEmptyHint: 'It may be older than the audit trail.',
  inLog: 'Entry {number} of the log',
  notInLog: 'Not yet in the log',
  values: 'Recorded values',
  valuesOf: 'Recorded values: {what}',
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
  'screening.unlicensed': 'Screened without a licence',
  'screening.expired': 'Screening expired',
  'screening.referred': 'Contraindication found',
  'screening.replaced': 'Newer screening',
  'screening.change-reported': 'Patient reported a change',
  'consent.none': 'No consent recorded',
  'discussion.unlicensed': 'Discussed without a licence',
  'consent.refused': 'Patient refused',
  'consent.expired': 'Consent expired',
  'consent.withdrawn': 'Consent withdrawn',
  'consent.replaced': 'Newer decision',
  'consent.outdated': 'Information to discuss has changed',
  'consent.unrepresented': 'Representative’s authority ended',
  'consent.doubted': 'Patient didn’t confirm consent',
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
  unlicensed: 'Somebody without a valid licence screened, approved findings, discussed a risk or recorded the consent.',
  region: 'No region was both cleared and consented to.',
  authority: 'The representative had no authority to decide, or it ended before the start.',
  check: 'The answers to the questions at the start didn’t permit a session.',
  record: 'The session’s copy of regions and version differs from its consent.',
} as const;

export const modes = { in_person: 'in person', video: 'by video', phone: 'by telephone' } as const;

/** What happened to a consent: what stands behind the name of who did it. */
export const steps = {
  screened: 'screened the patient',
  'screening-changed': 'changed what the screening clears, or for how long',
  approved: 'approved findings of the screening',
  'discussion-opened': 'opened the discussion',
  'risk-discussed': 'discussed a risk',
  'question-added': 'recorded a question and its answer',
  decided: 'recorded the decision',
  withdrawn: 'recorded the withdrawal',
  ended: 'ended the consent',
  'session-started': 'started a session',
  'session-ended': 'ended a session',
  'looked-at': 'viewed it',
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
