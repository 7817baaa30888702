/** Why a representative's authority ended before its time. */
export const endReasons = {
  capacity_regained: 'The patient can decide for themselves again',
  came_of_age: 'The patient came of age',
  revoked: 'The authority was revoked or given up',
  discharged: 'A court or public body ended it',
  died: 'The representative died',
  recorded_in_error: 'It was recorded in error',
} as const;
