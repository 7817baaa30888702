import type { Rules } from '../common/rules.js';

export const KEY_RULES: Rules = {
  codes: { 'key.expiry': { title: 'A key must expire within a year from now.', constraints: { key_expiry_within_a_year: 422 } } },
};
