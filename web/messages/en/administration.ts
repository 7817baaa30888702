/** What the pages of the administration share. */
export const administration = {
  title: 'Administration',
  log: 'Log integrity',
  staff: 'Staff',
  texts: 'Published texts',
  settings: 'Settings',
  notYours: 'This is for administrators',
  notYoursHint:
    'Your role in this clinic doesn’t include its administration. If you need something from here, ask an administrator of your clinic.',
} as const;
