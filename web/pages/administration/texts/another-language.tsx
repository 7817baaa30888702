import { Group, Select, Text } from '@mantine/core';
import { useState } from 'react';
import { ButtonLink } from '../../../components/button-link.tsx';
import { Row } from '../../../components/row.tsx';
import { languageName } from '../../../languages.ts';
import { t } from '../../../messages/index.ts';
import { otherLanguages } from './languages.ts';
import type { Kind, Version } from './queries.ts';
import classes from './another-language.module.css';

interface Props {
  readonly kind: Kind;
  readonly current: readonly Version[];
  readonly modelLanguages: readonly string[];
}

/** How to have the text in a language that it isn't in yet. */
export function AnotherLanguage({ kind, current, modelLanguages }: Props) {
  const [language, setLanguage] = useState<string | null>(null);
  const taken = current.map((version) => version.language);
  const models = modelLanguages.filter((tag) => !taken.includes(tag));
  const beginning = current.find((version) => version.language === 'en') ?? current[0];
  return (
    <>
      {models.map((tag) => (
        <div key={tag} className={classes.model}>
          <Row title={languageName(tag)} text={t('texts.modelHint', { language: languageName(tag) })}>
            <ButtonLink to="/administration/texts/disclosures/new" search={{ language: tag, from: 'model' }} variant="default" size="sm">
              {t('texts.modelBegin')}
            </ButtonLink>
          </Row>
        </div>
      ))}
      {beginning && (
        <div className={classes.other}>
          <Group align="flex-end">
            <Select
              size="md"
              label={t('texts.translate')}
              data={otherLanguages([...taken, ...models])}
              value={language}
              onChange={setLanguage}
              placeholder={t('texts.language')}
              searchable
              clearable
              clearButtonProps={{ 'aria-label': t('texts.clearLanguage') }}
            />
            {language && (
              <ButtonLink to={`/administration/texts/${kind}/new`} search={{ language, from: beginning.id }} variant="default">
                {t('texts.begin')}
              </ButtonLink>
            )}
          </Group>
          <Text size="sm" c="dimmed" mt={4}>
            {t('texts.translateHint')}
          </Text>
        </div>
      )}
    </>
  );
}
