import { Badge, Group, Text } from '@mantine/core';
import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import classes from './consent.module.css';

type Risk = Api['RiskView'];

/** Each risk in the words that were shown, with what was asked, and when it was discussed. */
export function Risks({ risks }: { readonly risks: readonly Risk[] }) {
  return (
    <Section title={t('consents.risks', { count: risks.length })} hint={t('consents.risksHint')}>
      <ul className={classes.risks}>
        {risks.map((risk) => (
          <OneRisk key={risk.code} risk={risk} />
        ))}
      </ul>
    </Section>
  );
}

function OneRisk({ risk }: { readonly risk: Risk }) {
  const times = useTimes();
  const nameOf = useNameOf();
  const { discussedAt, discussedBy } = risk;
  return (
    <li className={classes.risk}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Text fw={600}>{risk.title}</Text>
          {risk.addedByScreening && (
            <Badge variant="light" color="orange" tt="none" c="inherit">
              {t('consents.addedByScreening')}
            </Badge>
          )}
        </Group>
        <Text size="sm" c="dimmed">
          {discussedAt && discussedBy
            ? t('consents.discussedAt', { time: times.dateTime(discussedAt), name: nameOf(discussedBy) })
            : t('consents.undiscussed')}
        </Text>
      </Group>
      <Text size="sm" className={classes.wording}>
        {risk.wording}
      </Text>
      {risk.question && <Said label={t('consents.question')} text={risk.question} />}
      {risk.answer && <Said label={t('consents.answer')} text={risk.answer} />}
    </li>
  );
}

function Said({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <Text size="sm" mt={4} className={classes.wording}>
      <Text span inherit fw={600}>
        {label}:{' '}
      </Text>
      {text}
    </Text>
  );
}
