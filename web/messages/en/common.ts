export const common = {
  cancel: 'Cancel',
  close: 'Close',
  continue: 'Continue',
  save: 'Save',
  copy: 'Copy',
  copied: 'Copied',
  previousMonth: 'Previous month',
  nextMonth: 'Next month',
  previousYear: 'Previous year',
  nextYear: 'Next year',
  previousDecade: 'Previous decade',
  nextDecade: 'Next decade',
  clearDay: 'Clear the date',
  noDay: 'Enter a date like {example}.',
  dayFrom: 'Choose {day} or later.',
  dayUntil: 'Choose {day} or earlier.',
  print: 'Print',
  showPassword: 'Show the password',
  tryAgain: 'Try again',
  required: 'Please fill this in.',
  loading: 'Loading',
  notFound: 'This page doesn’t exist',
  notFoundHint: 'The address may be mistyped, or the page may have moved.',
  toStart: 'Go to the start page',
  fieldError: 'This {message}.',
  fieldErrorOf: '{field} {message}.',
  atFields: 'Check the highlighted fields.',
  requestId: 'Request {id}',
  somebody: 'A former member of staff',
} as const;

/** What happened, for codes whose words from the server aren't meant for people at these pages. */
export const problems = {
  network: 'The server can’t be reached.',
  malformed: 'Some details are missing or not valid.',
  'not-signed-in': 'You are not signed in.',
  'login.locked': 'The screen is locked.',
  'reauthentication-required': 'Nothing was changed, because you haven’t confirmed that it is you.',
  'sso.failed': 'Signing in with your provider failed.',
  'sso.not-invited': 'No one with this email address works in this clinic.',
  'sso.someone-else': 'At your provider, this email address now belongs to someone else.',
  'sso.provider': 'The provider didn’t respond correctly.',
  'not-found': 'We can’t find that.',
} as const;

/** What to do about it. */
export const remedies = {
  network: 'Check the connection, then try again. What you typed is still here.',
  'not-signed-in': 'Sign in to continue.',
  'patient.changed': 'Load the current details. Your changes stay in the form.',
  'login.locked': 'Unlock it to continue.',
  'second-factor-required': 'Confirm with your second factor to continue.',
  'clinic-not-chosen': 'Choose the clinic you are working in.',
  'reauthentication-required': 'Try again, and confirm with your password, passkey or code.',
  'totp.wrong': 'Enter the code that the app shows now. If it is still wrong, scan the picture again.',
  'recovery-codes.no-factor': 'Set up an authenticator app or a passkey first.',
  'password-reset.closed': 'Request another link.',
  'screening.questionnaire-replaced': 'Load the new version. Answers you gave to questions that it still asks are kept.',
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
