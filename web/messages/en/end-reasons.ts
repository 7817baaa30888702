/** Why a representative's authority ended before its time. */
export const endReasons = {
  capacity_regained: 'The patient can decide again',
  came_of_age: 'The patient came of age',
  revoked: 'It was revoked or given up',
  discharged: 'A court or public body discharged it',
  died: 'The representative died',
  recorded_in_error: 'It was recorded in error',
} as const;
