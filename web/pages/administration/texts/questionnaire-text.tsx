import { Text, Title } from '@mantine/core';
import { regionName } from '../../../anatomy.ts';
import type { Api } from '../../../api/client.ts';
import { Prose } from '../../../components/prose.tsx';
import { t } from '../../../messages/index.ts';
import classes from './reading.module.css';

/** A questionnaire as it is asked, with what each answer does. */
export function QuestionnaireText({ text }: { readonly text: Api['PublishQuestionnaire'] }) {
  return (
    <article className={classes.reading} lang={text.language} dir="auto">
      <Title order={2} size="h3">
        {text.title}
      </Title>
      <Prose text={text.introduction} size="md" />
      {text.items.map((item) => (
        <section key={item.code} className={classes.risk}>
          <Title order={3} size="h5" className={classes.prompt}>
            {item.prompt}
          </Title>
          <Prose text={item.explanation} />
          <Text size="sm" c="dimmed" mt="xs" lang="en">
            {consequenceOf(item)}
          </Text>
          {item.urgentAction && (
            <Text fw={500} mt="xs">
              {item.urgentAction}
            </Text>
          )}
        </section>
      ))}
    </article>
  );
}

/** A yes bars it until medical advice or a second approval: Neck, Lower back */
function consequenceOf({ effect, regions }: Api['QuestionnaireItem']): string {
  const what = `${t('texts.effectOf')} ${t(`texts.effects.${effect}`)}`;
  return t('texts.flatItem', { what, part: regions.map(regionName).join(', ') });
}
