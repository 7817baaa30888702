import { shortRegionNames, shortTechniqueNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { DescriptionList } from '../../components/description-list.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';

/** What a session that starts now covers: cleared and consented to, and until when. */
export function Coverage({ clearance }: { readonly clearance: Api['ClearanceView'] }) {
  const times = useTimes();
  const { clearedRegions, consentedRegions, consentedTechniques, screening, consent } = clearance;
  const regions = consentedRegions.filter((region) => clearedRegions.includes(region));
  const until = [screening.until, consent.until].filter((instant) => instant !== null).sort()[0];
  return (
    <Section title={t('sessions.covered')} {...(until ? { hint: t('sessions.coveredUntil', { date: times.date(until) }) } : {})}>
      <DescriptionList
        items={[
          [t('sessions.coveredRegions'), shortRegionNames(regions)],
          [t('sessions.coveredTechniques'), shortTechniqueNames(consentedTechniques)],
        ]}
      />
    </Section>
  );
}
