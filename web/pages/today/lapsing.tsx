import type { Api } from '../../api/client.ts';
import { patientLinks } from '../../components/links.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Item, Items } from './item.tsx';

/** The screening comes first: what it finds may have to be discussed for the consent. */
export function Lapsing({ lapsing }: { readonly lapsing: readonly Api['TodayLapse'][] }) {
  const times = useTimes();
  if (lapsing.length === 0) return null;
  return (
    <Section title={t('today.lapsing')} hint={t('today.lapsingHint')}>
      <Items>
        {lapsing.map(({ patient, screeningUntil, consentUntil }) => {
          const links = patientLinks(patient.id);
          const what = [
            screeningUntil && t('today.screeningUntil', { date: times.date(screeningUntil) }),
            consentUntil && t('today.consentUntil', { date: times.date(consentUntil) }),
          ].filter(Boolean);
          return (
            <Item
              key={patient.id}
              patient={patient}
              action={t(screeningUntil ? 'patients.screenAgain' : 'patients.renewConsent')}
              to={screeningUntil ? links.screening : links.discussion}
            >
              {what.join(' · ')}
            </Item>
          );
        })}
      </Items>
    </Section>
  );
}
