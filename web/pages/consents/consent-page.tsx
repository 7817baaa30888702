import { Badge, Button, Group, Text } from '@mantine/core';
import { IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { Loaded } from '../../components/loaded.tsx';
import { Page } from '../../components/page.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { isOpen } from '../patients/queries.ts';
import { Decision } from './decision.tsx';
import { Digests } from './digests.tsx';
import { Discussion } from './discussion.tsx';
import { History } from './history.tsx';
import { consentQuery } from './queries.ts';
import { Signatures } from './signatures.tsx';
import { WithdrawDialog } from './withdraw-dialog.tsx';
import { Withdrawal } from './withdrawal.tsx';

type Consent = Api['ConsentView'];

/** One decision, whole: to read, to print, to withdraw. */
export function ConsentPage() {
  const { consentId, patientId } = useParams({ from: '/shell/patients/$patientId/consents/$consentId' });
  const query = useQuery(consentQuery(consentId));
  return (
    <Loaded queries={[query]} lines={12}>
      {(consent) => <Whole consent={consent} patientId={patientId} />}
    </Loaded>
  );
}

function Whole({ consent, patientId }: { readonly consent: Consent; readonly patientId: string }) {
  const times = useTimes();
  const may = useMay();
  const [withdrawing, setWithdrawing] = useState(false);
  const date = times.date(consent.decidedAt);
  const inForce = consent.state === 'in_force';
  return (
    <Page
      title={consent.decision === 'given' ? t('consents.title', { date }) : t('consents.titleRefused', { date })}
      actions={
        <Group gap="xs">
          <Button variant="default" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => print()}>
            {t('common.print')}
          </Button>
          {isOpen(consent) && may('consent.withdraw') && (
            <Button variant="default" c="var(--mantine-color-error)" onClick={() => setWithdrawing(true)}>
              {t('consents.withdraw')}
            </Button>
          )}
        </Group>
      }
    >
      <Group gap="sm" mt="calc(var(--mantine-spacing-sm) * -1)">
        <Badge
          size="lg"
          variant={inForce ? 'filled' : 'light'}
          color={inForce ? 'pine' : 'gray'}
          tt="none"
          c={inForce ? undefined : 'inherit'}
        >
          {t(`consents.state.${consent.state}`)}
        </Badge>
        <Text c="dimmed">{stateHint(consent, (instant) => times.dateTime(instant))}</Text>
      </Group>
      {consent.withdrawal && <Withdrawal withdrawal={consent.withdrawal} patientId={patientId} />}
      <Decision consent={consent} patientId={patientId} />
      <Section title={t('consents.signature')}>
        <Signatures consent={consent} />
      </Section>
      <Discussion patientId={patientId} discussionId={consent.discussionId} />
      <Digests consent={consent} />
      {may('audit.read') && <History consentId={consent.id} />}
      <WithdrawDialog consentId={consent.id} patientId={patientId} opened={withdrawing} onClose={() => setWithdrawing(false)} />
    </Page>
  );
}

function stateHint(consent: Consent, write: (instant: string) => string): string {
  const { state, inForceUntil } = consent;
  if (state === 'refused') return t('consents.stateHint.refused');
  if ((state === 'outdated' || state === 'unlicensed') && isOpen(consent)) return t(`consents.stateHint.${state}`);
  const date = inForceUntil && write(inForceUntil);
  if (state !== 'in_force') return date ? t('consents.stateHint.ended', { date }) : '';
  return date ? t('consents.stateHint.in_force', { date }) : t('consents.stateHint.open');
}
