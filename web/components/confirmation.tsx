import { lazy, Suspense } from 'react';
import { usePendingConfirmation } from '../api/step-up.ts';

const ConfirmDialog = lazy(() => import('./confirm-dialog.tsx').then(({ ConfirmDialog }) => ({ default: ConfirmDialog })));

/** Asks the person to confirm who they are, when an act waits for it. */
export function Confirmation() {
  const pending = usePendingConfirmation();
  return <Suspense>{pending && <ConfirmDialog pending={pending} />}</Suspense>;
}
