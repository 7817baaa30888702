import type { Api } from '../../api/client.ts';
import { patientLinks } from '../../components/links.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Item, Items } from './item.tsx';

export function Approvals({ approvals }: { readonly approvals: readonly Api['TodayApproval'][] }) {
  const times = useTimes();
  if (approvals.length === 0) return null;
  return (
    <Section title={t('today.approvals')} hint={t('today.approvalsHint')}>
      <Items>
        {approvals.map(({ patient, screeningId, screenedAt, screenedBy }) => (
          <Item
            key={screeningId}
            patient={patient}
            action={t('today.seeFindings')}
            to={patientLinks(patient.id).screening}
            search={{ screening: screeningId }}
          >
            {t('today.screenedBy', { date: times.date(screenedAt), name: screenedBy })}
          </Item>
        ))}
      </Items>
    </Section>
  );
}
