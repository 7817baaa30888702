import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { shortRegionNames, shortTechniqueNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Decider } from './decider.tsx';
import { discussionOfQuery } from './queries.ts';

interface Props {
  readonly consent: Api['ConsentView'];
  readonly patientId: string;
}

type Region = Api['ConsentView']['regions'][number];

/** Who decided what, region by region, and what was made sure of before. */
export function Decision({ consent, patientId }: Props) {
  const times = useTimes();
  const nameOf = useNameOf();
  const discussion = useQuery(discussionOfQuery(patientId, consent.discussionId)).data;
  const refused = discussion?.regions.filter((region) => !consent.regions.includes(region)) ?? [];
  const items: (readonly [string, ReactNode])[] = [
    [t('consents.decidedAt'), times.dateTime(consent.decidedAt)],
    [t('consents.decidedBy'), <Decider key="by" decider={consent.decidedBy} patientId={patientId} />],
    [t('consents.recordedBy'), nameOf(consent.recordedBy)],
    [t('consents.regions'), listed(consent.regions) || t('consents.noRegion')],
    ...(refused.length > 0 ? ([[t('consents.notRegions'), listed(refused)]] as const) : []),
    ...(discussion && consent.decision === 'given'
      ? ([[t('consents.techniques'), shortTechniqueNames(discussion.techniques)]] as const)
      : []),
    [t('consents.capacity'), t(consent.capacityConfirmed ? 'consents.confirmed' : 'consents.notConfirmed')],
    [t('consents.alternatives'), t(consent.alternativesDiscussed ? 'consents.alternativesDiscussed' : 'consents.notConfirmed')],
    [t('consents.rightToWithdraw'), t(consent.rightToWithdrawTold ? 'consents.rightToWithdrawExplained' : 'consents.notExplained')],
    ...(consent.teachBack ? ([[t('consents.teachBack'), consent.teachBack]] as const) : []),
  ];
  return (
    <Section title={t('consents.decision')}>
      <DescriptionList items={items} />
    </Section>
  );
}

function listed(regions: readonly Region[]): string {
  return shortRegionNames(regions);
}
