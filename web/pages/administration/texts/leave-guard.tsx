import { useBlocker } from '@tanstack/react-router';
import type { RefObject } from 'react';
import { SureDialog } from '../../../components/sure-dialog.tsx';
import { t } from '../../../messages/administration.ts';

interface Props {
  /** Whether there is something to lose. */
  readonly active: boolean;
  /** Set once nothing is lost any more. */
  readonly left: RefObject<boolean>;
}

/** Asks before a page is left with what was written there. */
export function LeaveGuard({ active, left }: Props) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => active && !left.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => active && !left.current,
    withResolver: true,
  });
  return (
    <SureDialog
      opened={blocker.status === 'blocked'}
      title={t('texts.leaveTitle')}
      text={t('texts.leaveText')}
      submit={t('texts.leave')}
      running={false}
      problem={undefined}
      onSubmit={() => blocker.proceed?.()}
      onClose={() => blocker.reset?.()}
    />
  );
}
