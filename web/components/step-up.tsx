import { usePendingConfirmation } from '../api/step-up.ts';
import { deferred } from './deferred.tsx';

const StepUpDialog = deferred(() => import('./step-up-dialog.tsx').then(({ StepUpDialog }) => StepUpDialog));

/** Asks the person to confirm who they are, when an act waits for it. */
export function StepUp() {
  const pending = usePendingConfirmation();
  return pending && <StepUpDialog pending={pending} />;
}
