import { List, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Api } from '../../../api/client.ts';
import { Prose } from '../../../components/prose.tsx';
import { t } from '../../../messages/index.ts';
import { figureText } from './passages.ts';
import classes from './reading.module.css';

/** A disclosure as a patient reads it: one column, large, in their language. */
export function DisclosureText({ text }: { readonly text: Api['PublishDisclosure'] }) {
  return (
    <article className={classes.reading} lang={text.language} dir="auto">
      <Title order={2} size="h3">
        {text.title}
      </Title>
      <Prose text={text.introduction} size="md" />
      <Part title={t('texts.benefits')}>
        {text.benefits.map((benefit) => (
          <Passage key={benefit.title} {...benefit} />
        ))}
      </Part>
      <Part title={t('texts.risks')}>
        {text.risks.map((risk) => (
          <Risk key={risk.code} risk={risk} />
        ))}
      </Part>
      <Part title={t('texts.uncertainty')}>
        <Prose text={text.uncertainty} />
      </Part>
      <Part title={t('texts.alternatives')}>
        {text.alternatives.map((alternative) => (
          <Passage key={alternative.title} {...alternative} />
        ))}
      </Part>
      <Part title={t('texts.whoShouldAvoid')}>
        <List withPadding spacing={4}>
          {text.whoShouldAvoid.map((who) => (
            <List.Item key={who}>{who}</List.Item>
          ))}
        </List>
      </Part>
      <Part title={t('texts.afterTreatment')}>
        {text.afterTreatment.map(({ sign, action }) => (
          <div key={sign}>
            <Prose text={sign} />
            <Text fw={500} mt={4}>
              {action}
            </Text>
          </div>
        ))}
      </Part>
    </article>
  );
}

/** Our own words about it are in the language of the pages. */
function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Stack gap="md" className={classes.part}>
      <Title order={3} size="h4" lang="en">
        {title}
      </Title>
      {children}
    </Stack>
  );
}

function Passage({ title, wording }: Api['Passage']) {
  return (
    <div>
      <Title order={4} size="h5">
        {title}
      </Title>
      <Prose text={wording} />
    </div>
  );
}

function Risk({ risk }: { readonly risk: Api['DisclosureRisk'] }) {
  const { title, always, wording, feelsLike, whatToDo, frequency, figures, source } = risk;
  return (
    <section className={classes.risk}>
      <Title order={4} size="h5">
        {title}
      </Title>
      {!always && (
        <Text size="sm" c="dimmed" lang="en">
          {t('texts.onlySome')}
        </Text>
      )}
      <Prose text={wording} />
      <Labelled label={t('texts.frequency')} text={[frequency, ...figures.map(figureText)].join('\n')} />
      <Labelled label={t('texts.feelsLike')} text={feelsLike} />
      <Labelled label={t('texts.whatToDo')} text={whatToDo} />
      <Text size="sm" c="dimmed" mt="xs">
        {source}
      </Text>
    </section>
  );
}

function Labelled({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className={classes.labelled}>
      <Text size="sm" fw={600} lang="en">
        {label}
      </Text>
      <Prose text={text} />
    </div>
  );
}
