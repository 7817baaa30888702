import { isCancelled } from '../../api/passkey.ts';
import { Problem } from '../../api/problem.ts';
import { t } from '../../messages/index.ts';

export function refuseUnmade(error: unknown): never {
  if (!isCancelled(error)) throw error;
  throw new Problem({ code: 'passkey.not-made', status: 0, title: t('account.passkeyCancelled') });
}
