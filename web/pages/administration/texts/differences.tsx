import { Stack, Text, Title } from '@mantine/core';
import { diffWordsWithSpace } from 'diff';
import { useMemo } from 'react';
import { t } from '../../../messages/index.ts';
import type { Passage } from './passages.ts';
import classes from './differences.module.css';

interface Props {
  readonly before: readonly Passage[];
  readonly after: readonly Passage[];
  /** Of the newer text. */
  readonly language: string;
  readonly legend: string;
}

/** What changed from one version to another, word by word. */
export function Differences({ before, after, language, legend }: Props) {
  const { changed, same } = useMemo(() => compare(before, after), [before, after]);
  if (changed.length === 0) return <Text>{t('texts.identical')}</Text>;
  return (
    <Stack>
      <div>
        <Text fw={600}>{t('texts.changed', { count: changed.length })}</Text>
        <Text size="sm" c="dimmed">
          {legend}
        </Text>
      </div>
      {changed.map(({ key, label, before: old, after: fresh }) => (
        <section key={key} className={classes.passage}>
          <Title order={2} size="h6" c="dimmed">
            {label}
          </Title>
          <p className={classes.text} lang={language}>
            {diffWordsWithSpace(old, fresh).map(({ added, removed, value }, index) => {
              const Element = added ? 'ins' : removed ? 'del' : 'span';
              // oxlint-disable-next-line react/no-array-index-key -- pieces have no identity but their place
              return <Element key={index}>{value}</Element>;
            })}
          </p>
        </section>
      ))}
      {same > 0 && (
        <Text size="sm" c="dimmed">
          {t('texts.same', { count: same })}
        </Text>
      )}
    </Stack>
  );
}

interface Changed {
  readonly key: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** Pairs the passages of two texts; those that only one has are compared with nothing. */
export function compare(before: readonly Passage[], after: readonly Passage[]): { changed: Changed[]; same: number } {
  const old = new Map(before.map((passage) => [passage.key, passage]));
  const fresh = new Set(after.map(({ key }) => key));
  const pairs = [
    ...after.map(({ key, label, text }) => ({ key, label, before: old.get(key)?.text ?? '', after: text })),
    ...before.filter(({ key }) => !fresh.has(key)).map(({ key, label, text }) => ({ key, label, before: text, after: '' })),
  ];
  const changed = pairs.filter((pair) => pair.before !== pair.after);
  return { changed, same: pairs.length - changed.length };
}
