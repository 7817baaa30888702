import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useEffect } from 'react';
import type { Api } from '../../../api/client.ts';
import type { Problem } from '../../../api/problem.ts';
import { ProblemPanel } from '../../../components/problem-panel.tsx';
import { t } from '../../../messages/index.ts';
import { useTextForm } from './form.ts';

interface Props {
  readonly problem: Problem;
  /** What to add for a code that is missing. */
  readonly riskOf: ((code: string) => Api['DisclosureRisk']) | undefined;
  /** Shows the fields. */
  readonly onShow: () => void;
}

/** Why a text wasn't published: leads to the first field that is wrong, or names the risks that it lacks. */
export function Refusal({ problem, riskOf, onShow }: Props) {
  const { errors, missing } = problem;
  const form = useTextForm();
  useEffect(() => {
    const [first] = Object.keys(form.errors);
    if (!first) return undefined;
    onShow();
    // Once the fields are shown, and what folds them is open.
    const frame = requestAnimationFrame(() => form.getInputNode(first)?.focus());
    return () => cancelAnimationFrame(frame);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each refusal
  }, [problem]);
  if (errors.length > 0) {
    return (
      <Alert
        color="red"
        variant="light"
        icon={<IconAlertTriangle aria-hidden />}
        title={t('texts.refusedFields', { count: errors.length })}
        role="alert"
      >
        <Text size="sm">{t('texts.refusedFieldsHint')}</Text>
      </Alert>
    );
  }
  const nameOf = (code: string) => riskOf?.(code).title || code.replaceAll('_', ' ');
  return (
    <>
      <ProblemPanel problem={problem} />
      {missing.length > 0 && (
        <Group gap="sm">
          <Text size="sm" fw={600}>
            {t('texts.missing')}
          </Text>
          {missing.map((code) =>
            riskOf ? (
              <Button key={code} variant="default" size="sm" onClick={() => form.insertListItem('risks', riskOf(code))}>
                {t('texts.addMissing', { risk: nameOf(code) })}
              </Button>
            ) : (
              <Text key={code} size="sm">
                {nameOf(code)}
              </Text>
            ),
          )}
        </Group>
      )}
    </>
  );
}
