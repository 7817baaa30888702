import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { t } from '../../messages/index.ts';

interface Props {
  readonly opened: boolean;
  readonly onDiscard: () => void;
  readonly onClose: () => void;
}

/** Before what the decider said and signed is given up. */
export function DiscardDialog({ opened, onDiscard, onClose }: Props) {
  return (
    <ConfirmDialog
      opened={opened}
      title={t('turn.discardTitle')}
      text={t('turn.discardHint')}
      submit={t('turn.discard')}
      running={false}
      problem={undefined}
      onSubmit={onDiscard}
      onClose={onClose}
    />
  );
}
