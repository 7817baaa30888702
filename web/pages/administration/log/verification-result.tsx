import { Alert, Progress, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Findings } from './findings.tsx';
import { isUnderWay, type Verification } from './queries.ts';

/** How far a verification is, or what it found. */
export function VerificationResult({ verification }: { readonly verification: Verification }) {
  const { state, problem } = verification;
  if (isUnderWay(verification)) return <Underway verification={verification} />;
  if (state === 'clean') return <Clean verification={verification} />;
  if (state === 'altered') return <Findings verification={verification} />;
  const failed = state === 'failed';
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(failed ? 'log.failed' : 'log.interrupted')}
      role="alert"
    >
      {problem && <Text size="sm">{problem}</Text>}
      <Text size="sm">{t(failed ? 'log.failedHint' : 'log.interruptedHint')}</Text>
    </Alert>
  );
}

function Underway({ verification: { state, phase, done, total } }: { readonly verification: Verification }) {
  const words = state === 'waiting' ? t('log.waitingForServer') : phase === null ? t('log.running') : t(`log.phases.${phase}`);
  return (
    <Stack gap={6}>
      <Text size="sm" role="status">
        {words}
      </Text>
      <Progress value={total > 0 ? (done / total) * 100 : 0} aria-label={t('log.running')} size="lg" />
      <Text size="xs" c="dimmed">
        {total > 0 ? t('log.progress', { done, total }) : ' '}
      </Text>
    </Stack>
  );
}

function Clean({ verification: { entries, rows, anchored, finishedAt } }: { readonly verification: Verification }) {
  const times = useTimes();
  return (
    <Alert color="pine" variant="light" icon={<IconCircleCheck aria-hidden />} title={t('log.clean')} role="status">
      <Text size="sm">{t('log.cleanCounts', { entries: entries ?? 0, rows: rows ?? 0 })}</Text>
      <Text size="sm">{anchored ? t('log.cleanAnchored', { count: anchored }) : t('log.cleanAlone')}</Text>
      {finishedAt !== null && (
        <Text size="sm" c="dimmed">
          {t('log.finishedAt', { when: times.dateTime(finishedAt) })}
        </Text>
      )}
    </Alert>
  );
}
