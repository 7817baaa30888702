import type { Login } from '../api/session.ts';

/** What the person can type to prove once more who they are; a recovery code is for those who lost the rest. */
export function typedProofs({ methods, factors }: Login): ('password' | 'totp')[] {
  const byProvider = methods.some((method) => method.startsWith('provider'));
  const proofs: ('password' | 'totp')[] = byProvider ? [] : ['password'];
  return factors.includes('totp') ? [...proofs, 'totp'] : proofs;
}
