/** The signed log of what happened, and its verification. */
export const log = {
  title: 'Log integrity',
  state: 'State of the log',
  stateHint: 'Everything that happens is sealed into a signed log, so that nobody can change or remove it unnoticed.',
  size: 'Events in the log',
  signedAt: 'Signed last',
  never: 'Not yet',
  waiting: 'Waiting',
} as const;
