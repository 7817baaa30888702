import { Radio, Text } from '@mantine/core';
import { shortTechniqueNames, type Technique, TECHNIQUES } from '../../anatomy.ts';
import { t } from '../../messages/index.ts';
import classes from './session.module.css';

interface Props {
  /** Those that the consent covers. */
  readonly covered: readonly Technique[];
  readonly value: Technique | undefined;
  readonly onChange: (technique: Technique) => void;
}

/** Those that may be recorded, as large buttons; the others are named, so that nobody looks for them. */
export function TechniqueChoice({ covered, value, onChange }: Props) {
  const others = TECHNIQUES.filter((technique) => !covered.includes(technique));
  return (
    <Radio.Group label={t('sessions.techniques')} value={value ?? null} onChange={onChange} size="md">
      <div className={classes.techniques}>
        {TECHNIQUES.filter((technique) => covered.includes(technique)).map((technique) => (
          <Radio.Card key={technique} value={technique} className={classes.technique} radius="md">
            {t(`shortTechniques.${technique}`)}
          </Radio.Card>
        ))}
      </div>
      {others.length > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          {t('sessions.notInConsent', { techniques: shortTechniqueNames(others) })}
        </Text>
      )}
    </Radio.Group>
  );
}
