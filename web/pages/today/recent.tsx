import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { patientLinks, sessionLink } from '../../components/links.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Item, Items } from './item.tsx';

type Recent = Api['TodayRecent'];

interface Props {
  readonly title: string;
  readonly recent: readonly Recent[];
  readonly saidAt: 'today.treatedAt' | 'today.registeredAt';
}

export function Recent({ title, recent, saidAt }: Props) {
  const times = useTimes();
  const mayTreat = useMay()('session.record');
  if (recent.length === 0) return null;
  return (
    <Section title={title}>
      <Items>
        {recent.map((one) => (
          <Item key={one.patient.id} patient={one.patient} {...nextStep(one, mayTreat)}>
            {t(saidAt, { date: times.date(one.at) })}
          </Item>
        ))}
      </Items>
    </Section>
  );
}

/** What comes next. Whether a session may really start, the record says. */
function nextStep({ patient, openSessionId, screened, consented }: Recent, mayTreat: boolean) {
  const links = patientLinks(patient.id);
  if (!mayTreat) return { action: t('today.open'), to: links.patient };
  if (openSessionId !== null) return { action: t('patients.goToSession'), to: sessionLink(openSessionId) };
  if (!screened) return { action: t('patients.screen'), to: links.screening };
  if (!consented) return { action: t('patients.beginDiscussion'), to: links.discussion };
  return { action: t('patients.startSession'), to: links.session };
}
