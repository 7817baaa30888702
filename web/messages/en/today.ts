export const today = {
  hello: 'Hello, {name}',
  role: 'Role',
  profession: 'Profession',
  email: 'Email address',
} as const;
