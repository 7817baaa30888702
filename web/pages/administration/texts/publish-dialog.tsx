import { Checkbox, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { asProblem } from '../../../api/problem.ts';
import { ConfirmDialog } from '../../../components/confirm-dialog.tsx';
import { t } from '../../../messages/index.ts';
import { effectQuery, type Kind } from './queries.ts';

interface Props {
  readonly kind: Kind;
  readonly language: string;
  readonly running: boolean;
  readonly onPublish: (requiresReconsent: boolean) => void;
  readonly onClose: () => void;
}

/** Says what publishing does, and asks for the last time. */
export function PublishDialog({ kind, language, running, onPublish, onClose }: Props) {
  const [reconsent, setReconsent] = useState(false);
  const disclosure = kind === 'disclosures';
  const effect = useQuery({ ...effectQuery, enabled: disclosure });
  const count = effect.data?.consentsInForce;
  const ends = reconsent && count !== undefined && count > 0;
  return (
    <ConfirmDialog
      opened
      title={t('texts.publishTitle')}
      text={disclosure ? t('texts.publishText', { language }) : t('texts.publishQuestionnaireText')}
      submit={ends ? t('texts.publishAndEnd', { count }) : t('texts.publishNow')}
      running={running || (disclosure && effect.isPending)}
      problem={effect.error ? asProblem(effect.error) : undefined}
      onSubmit={() => onPublish(reconsent)}
      onClose={onClose}
    >
      {disclosure && (
        <>
          <Checkbox
            size="md"
            label={t('texts.requireReconsent')}
            description={t('texts.requireReconsentHint')}
            checked={reconsent}
            onChange={({ currentTarget }) => setReconsent(currentTarget.checked)}
          />
          <Text size="sm" fw={reconsent ? 600 : 400} role="status">
            {effectText(count, reconsent)}
          </Text>
        </>
      )}
    </ConfirmDialog>
  );
}

function effectText(count: number | undefined, reconsent: boolean): string {
  if (count === undefined) return t('texts.counting');
  if (count === 0) return t('texts.effectNone');
  return reconsent ? t('texts.effect', { count }) : t('texts.noEffect', { count });
}
