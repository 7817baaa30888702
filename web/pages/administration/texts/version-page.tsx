import { Code, Group, Paper, Select, Stack, Text } from '@mantine/core';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ButtonLink } from '../../../components/button-link.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { Page } from '../../../components/page.tsx';
import { TextLink } from '../../../components/text-link.tsx';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { Differences } from './differences.tsx';
import { DisclosureText } from './disclosure-text.tsx';
import { type Passage, passagesOfDisclosure, passagesOfQuestionnaire } from './passages.ts';
import { disclosureQuery, type Kind, questionnaireQuery, versionsQuery } from './queries.ts';
import { QuestionnaireText } from './questionnaire-text.tsx';
import { publishedOf } from './versions.tsx';
import sheet from './sheet.module.css';

/** One version of the disclosure: to be read, or compared with another. */
export function DisclosureVersionPage() {
  const { id, otherId } = useShown('disclosures');
  return (
    <VersionPage
      kind="disclosures"
      otherId={otherId}
      query={useQuery(disclosureQuery(id))}
      other={useQuery({ ...disclosureQuery(otherId), enabled: otherId !== '' })}
      renderText={(text) => <DisclosureText text={text} />}
      passages={passagesOfDisclosure}
    />
  );
}

/** One version of the questionnaire. */
export function QuestionnaireVersionPage() {
  const { id, otherId } = useShown('questionnaires');
  return (
    <VersionPage
      kind="questionnaires"
      otherId={otherId}
      query={useQuery(questionnaireQuery(id))}
      other={useQuery({ ...questionnaireQuery(otherId), enabled: otherId !== '' })}
      renderText={(text) => <QuestionnaireText text={text} />}
      passages={passagesOfQuestionnaire}
    />
  );
}

/** The ids of the version and of the other one that the address names; empty: none. */
function useShown(kind: Kind): { id: string; otherId: string } {
  const { id } = useParams({ from: `/shell/administration/texts/${kind}/$id` });
  const { compare = '' } = useSearch({ from: `/shell/administration/texts/${kind}/$id` });
  return { id, otherId: compare };
}

interface Published {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly language: string;
  readonly publishedAt: string;
  readonly contentSha256: string;
}

interface Props<T extends Published> {
  readonly kind: Kind;
  readonly otherId: string;
  readonly query: UseQueryResult<T>;
  readonly other: UseQueryResult<T>;
  readonly renderText: (text: T) => ReactNode;
  readonly passages: (text: T) => Passage[];
}

function VersionPage<T extends Published>({ kind, otherId, query, other, renderText, passages }: Props<T>) {
  const text = query.data;
  return (
    <Page
      title={text ? t('texts.versionTitle', { title: text.title, version: text.version }) : t('texts.title')}
      actions={
        text && (
          <ButtonLink to={`/administration/texts/${kind}/new`} search={{ language: text.language, from: text.id }} variant="default">
            {t('texts.next')}
          </ButtonLink>
        )
      }
    >
      <TextLink to="/administration/texts" size="sm" className="no-print">
        {t('texts.back')}
      </TextLink>
      <Loaded queries={[query]} lines={10}>
        {(shown) => (
          <>
            <About kind={kind} text={shown} compared={otherId} />
            <Paper withBorder bg="var(--app-surface)" className={sheet.sheet}>
              {otherId === '' ? (
                renderText(shown)
              ) : (
                <Loaded queries={[other]} lines={10}>
                  {(second) => {
                    const [older, newer] = second.version < shown.version ? [second, shown] : [shown, second];
                    return (
                      <Differences
                        before={passages(older)}
                        after={passages(newer)}
                        language={newer.language}
                        legend={t('texts.diffLegend', { newer: newer.version, older: older.version })}
                      />
                    );
                  }}
                </Loaded>
              )}
            </Paper>
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface AboutProps {
  readonly kind: Kind;
  readonly text: Published;
  readonly compared: string;
}

/** When it was published and by whom, and the choice of a version to compare it with. */
function About({ kind, text, compared }: AboutProps) {
  const navigate = useNavigate();
  const times = useTimes();
  const versions = useQuery(versionsQuery(kind)).data?.items ?? [];
  const publishedBy = versions.find(({ id }) => id === text.id)?.publishedBy ?? null;
  const others = versions.filter(({ id, language }) => id !== text.id && language === text.language);
  return (
    <Group justify="space-between" align="flex-end">
      <Stack gap={4}>
        <Text size="sm">{[languageName(text.language), publishedOf({ ...text, publishedBy }, times)].join(' · ')}</Text>
        <Text size="sm" c="dimmed">
          {t('texts.sha256')} <Code>{text.contentSha256.slice(0, 16)}…</Code>
        </Text>
      </Stack>
      {others.length > 0 && (
        <Select
          size="md"
          className="no-print"
          label={t('texts.compare')}
          data={[
            { value: '', label: t('texts.compareNone') },
            ...others.map(({ id, version }) => ({ value: id, label: t('texts.version', { version }) })),
          ]}
          value={compared}
          onChange={(value) =>
            void navigate({
              to: `/administration/texts/${kind}/$id`,
              params: { id: text.id },
              search: value ? { compare: value } : {},
              resetScroll: false,
            })
          }
          allowDeselect={false}
        />
      )}
    </Group>
  );
}
