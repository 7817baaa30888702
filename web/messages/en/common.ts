export const common = {
  cancel: 'Cancel',
  close: 'Close',
  continue: 'Continue',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  previousMonth: 'Month before',
  nextMonth: 'Month after',
  previousYear: 'Year before',
  nextYear: 'Year after',
  previousDecade: 'Decade before',
  nextDecade: 'Decade after',
  clearDay: 'Clear the day',
  noDay: 'Write the day as in {example}.',
  dayFrom: 'Choose {day} or later.',
  dayUntil: 'Choose {day} or earlier.',
  print: 'Print',
  showPassword: 'Show the password',
  tryAgain: 'Try again',
  required: 'Please fill this in.',
  loading: 'Loading',
  notFound: 'This page doesn’t exist',
  notFoundHint: 'The address may be mistyped, or what it showed may have moved.',
  toStart: 'Go to the start page',
  fieldError: 'This {message}.',
  fieldErrorOf: '{field} {message}.',
  atFields: 'What is wrong stands by the field.',
  requestId: 'Request {id}',
  somebody: 'Somebody no longer known here',
} as const;

/** What happened, for codes whose words from the server aren't meant for people at these pages. */
export const problems = {
  network: 'The server can’t be reached.',
  malformed: 'Something isn’t filled in as it has to be.',
  'not-signed-in': 'You are not signed in.',
  'session-locked': 'The session is locked.',
  'reauthentication-required': 'Nothing was changed: it wasn’t confirmed that it is you.',
  'sso.failed': 'The sign-in with your provider didn’t work.',
  'sso.not-invited': 'Nobody with this email address works in this clinic.',
  'sso.someone-else': 'Your provider knows somebody else by this email address now.',
  'sso.provider': 'The provider didn’t answer as it should.',
  'not-found': 'It isn’t there.',
} as const;

/** What to do about it. */
export const remedies = {
  network: 'Check the connection, then try again. What you typed is still here.',
  'not-signed-in': 'Sign in to go on.',
  'patient.changed': 'Fetch the present details. What you changed stays in the form.',
  'session-locked': 'Unlock it to go on.',
  'second-factor-required': 'Show your second factor to go on.',
  'clinic-not-chosen': 'Choose the clinic in which you work.',
  'reauthentication-required': 'Try again, and confirm with your password, passkey or code.',
  'totp.wrong': 'Type the code that the app shows now. If it goes on being wrong, scan the picture again.',
  'recovery-codes.no-factor': 'Set up an authenticator app or a passkey first.',
  'password-reset.closed': 'Ask for another link.',
  'screening.questionnaire-replaced': 'Load the new version. The answers to its questions that you gave already stay.',
  'sso.failed': 'Start again. If it fails again, ask an administrator of your clinic.',
  'sso.not-invited': 'Ask an administrator of the clinic for an invitation.',
  'sso.someone-else': 'Ask an administrator of the clinic for a new link.',
} as const;

export const roles = {
  administrator: 'Administrator',
  practitioner: 'Practitioner',
  receptionist: 'Receptionist',
} as const;

export const professions = {
  chiropractor: 'Chiropractor',
  osteopathic_physician: 'Osteopathic physician',
  physical_therapist: 'Physical therapist',
} as const;

/** How somebody authenticated. */
export const methods = {
  password: 'password',
  passkey: 'passkey',
  totp: 'authenticator app',
  recovery_code: 'recovery code',
  provider: 'single sign-on',
  provider_mfa: 'single sign-on with second factor',
} as const;
