import type { Api } from '../../api/client.ts';
import { patientLinks } from '../../components/links.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { Item, Items } from './item.tsx';

/** What patients reported before a session that then didn't start. */
export function Reported({ reported }: { readonly reported: readonly Api['TodayReport'][] }) {
  if (reported.length === 0) return null;
  return (
    <Section title={t('today.reported')} hint={t('today.reportedHint')}>
      <Items>
        {reported.map(({ id, patient, kind, words }) => {
          const links = patientLinks(patient.id);
          return (
            <Item
              key={id}
              patient={patient}
              action={t(kind === 'change' ? 'patients.screenAgain' : 'today.open')}
              to={kind === 'change' ? links.screening : links.patient}
            >
              {t(kind === 'change' ? 'today.reportedChange' : 'today.reportedDoubt', { words })}
            </Item>
          );
        })}
      </Items>
    </Section>
  );
}
