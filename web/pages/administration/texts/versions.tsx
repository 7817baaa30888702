import { Badge, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ButtonLink } from '../../../components/button-link.tsx';
import { Loaded } from '../../../components/loaded.tsx';
import { Row } from '../../../components/row.tsx';
import { Section } from '../../../components/section.tsx';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/index.ts';
import { type Times, useTimes } from '../../../time.ts';
import { AnotherLanguage } from './another-language.tsx';
import { type Kind, type Version, versionsQuery } from './queries.ts';
import classes from './versions.module.css';

/** The current version of each language, those before, and how to write another. */
export function Versions({ kind }: { readonly kind: Kind }) {
  const query = useQuery(versionsQuery(kind));
  return (
    <Section title={t(`texts.${kind}`)} hint={t(`texts.${kind}Hint`)}>
      <Loaded queries={[query]} lines={4}>
        {({ items: versions, modelLanguages = [] }) => {
          const current = versions.filter(({ language }, index) => versions.findIndex((other) => other.language === language) === index);
          const older = versions.filter((version) => !current.includes(version));
          return (
            <>
              <Stack gap={0}>
                {current.map((version) => (
                  <VersionRow key={version.id} kind={kind} version={version} current />
                ))}
              </Stack>
              {older.length > 0 && (
                <details className={classes.older}>
                  <summary className={classes.summary}>{t('texts.earlier', { count: older.length })}</summary>
                  {older.map((version) => (
                    <VersionRow key={version.id} kind={kind} version={version} />
                  ))}
                </details>
              )}
              <AnotherLanguage kind={kind} current={current} modelLanguages={modelLanguages} />
            </>
          );
        }}
      </Loaded>
    </Section>
  );
}

interface RowProps {
  readonly kind: Kind;
  readonly version: Version;
  readonly current?: boolean;
}

function VersionRow({ kind, version, current = false }: RowProps) {
  const times = useTimes();
  const { id, version: number, requiresReconsent } = version;
  const language = languageName(version.language);
  return (
    <Row
      title={current ? language : version.title}
      text={[...(current ? [version.title] : [language]), publishedOf(version, times)].join(' · ')}
      badge={
        <>
          <Badge variant="light" color={current ? 'pine' : 'gray'} tt="none">
            {t('texts.version', { version: number })}
          </Badge>
          {requiresReconsent && (
            <Badge variant="light" color="gray" tt="none">
              {t('texts.reconsent')}
            </Badge>
          )}
        </>
      }
    >
      <ButtonLink
        to={`/administration/texts/${kind}/$id`}
        params={{ id }}
        variant="default"
        size="sm"
        aria-label={t('texts.readOf', { version: number, language })}
      >
        {t('texts.read')}
      </ButtonLink>
      {current && (
        <ButtonLink
          to={`/administration/texts/${kind}/new`}
          search={{ language: version.language, from: id }}
          variant="default"
          size="sm"
          aria-label={t('texts.nextOf', { language })}
        >
          {t('texts.next')}
        </ButtonLink>
      )}
    </Row>
  );
}

/** Published 24 Nov 2026 by Ada Admin */
export function publishedOf({ publishedAt, publishedBy }: Pick<Version, 'publishedAt' | 'publishedBy'>, times: Times): string {
  const date = times.date(publishedAt);
  return publishedBy === null ? t('texts.publishedBare', { date }) : t('texts.published', { date, name: publishedBy });
}
