import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Decider } from './decider.tsx';

interface Props {
  readonly withdrawal: NonNullable<Api['ConsentView']['withdrawal']>;
  readonly patientId: string;
}

export function Withdrawal({ withdrawal, patientId }: Props) {
  const times = useTimes();
  const nameOf = useNameOf();
  return (
    <Section title={t('consents.withdrawal')}>
      <DescriptionList
        items={[
          [t('consents.withdrawnAt'), times.dateTime(withdrawal.at)],
          [t('consents.withdrawnBy'), <Decider key="by" decider={withdrawal.withdrawnBy} patientId={patientId} />],
          [t('consents.withdrawnReason'), withdrawal.reason],
          [t('consents.recordedBy'), nameOf(withdrawal.recordedBy)],
        ]}
      />
    </Section>
  );
}
