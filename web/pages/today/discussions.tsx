import type { Api } from '../../api/client.ts';
import { patientLinks } from '../../components/links.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Item, Items } from './item.tsx';

export function Discussions({ discussions }: { readonly discussions: readonly Api['TodayDiscussion'][] }) {
  const times = useTimes();
  if (discussions.length === 0) return null;
  return (
    <Section title={t('today.discussions')}>
      <Items>
        {discussions.map(({ id, patient, openedAt, discussedRisks }) => (
          <Item key={id} patient={patient} action={t('patients.continueDiscussion')} to={patientLinks(patient.id).discussionOf(id)}>
            {t('today.discussionOpened', { count: discussedRisks, date: times.date(openedAt) })}
          </Item>
        ))}
      </Items>
    </Section>
  );
}
