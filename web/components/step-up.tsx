import { lazy, Suspense } from 'react';
import { usePendingConfirmation } from '../api/step-up.ts';

const StepUpDialog = lazy(() => import('./step-up-dialog.tsx').then(({ StepUpDialog }) => ({ default: StepUpDialog })));

/** Asks the person to confirm who they are, when an act waits for it. */
export function StepUp() {
  const pending = usePendingConfirmation();
  return <Suspense>{pending && <StepUpDialog pending={pending} />}</Suspense>;
}
