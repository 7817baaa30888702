/** Old and new values. */
export const changes = {
  nothing: '–',
  yes: 'yes',
  no: 'no',
  sha256: 'SHA-256 {digest}',
  period: '{from} to {until}',
  open: 'open',
} as const;
