import { Alert, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCheck, IconHourglass, IconMinus } from '@tabler/icons-react';
import { type Region, regionName, REGIONS, techniqueNames } from '../../../anatomy.ts';
import type { Api } from '../../../api/client.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import classes from './regions.module.css';

type Clearance = Api['ClearanceView'];
type Screening = Api['ScreeningView'];

const ICONS = { free: IconCheck, barred: IconBan, waits: IconHourglass, not: IconMinus } as const;

interface Props {
  /** The patient's latest. */
  readonly screening: Screening;
  readonly clearance: Clearance;
}

/** What may be treated, region by region, and what is barred and why. */
export function Regions({ screening, clearance }: Props) {
  const { consentedTechniques, undiscussedRisks } = clearance;
  return (
    <div>
      <Title order={3} size="h5" mb={4}>
        {t('record.regions')}
      </Title>
      <ul className={classes.regions}>
        {REGIONS.map((region) => {
          const { standing, words } = standingOf(region, clearance, screening);
          const Icon = ICONS[standing];
          return (
            <li key={region} className={classes.region} data-standing={standing}>
              <Icon size={18} stroke={2.2} aria-hidden className={classes.sign} />
              <span className={classes.name}>{regionName(region)}</span>
              <span className={classes.words}>{words}</span>
            </li>
          );
        })}
      </ul>
      {consentedTechniques.length > 0 && clearance.consent.state === 'in_force' && (
        <Text size="sm" mt="xs">
          {t('record.consentedTechniques', {
            techniques: techniqueNames(consentedTechniques),
          })}
        </Text>
      )}
      {undiscussedRisks.length > 0 && (
        <Text size="sm" mt="xs">
          {t('record.undiscussed', { risks: undiscussedRisks.map(inWords).join(', ') })}
        </Text>
      )}
    </div>
  );
}

/** What the latest screening's findings ask for before anything else. */
export function Urgent({ screening }: Pick<Props, 'screening'>) {
  const urgent = screening.findings.flatMap(({ urgentAction }) => urgentAction ?? []);
  if (urgent.length === 0) return null;
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={t('record.urgent')}>
      {urgent.map((action) => (
        <Text key={action} size="sm">
          {action}
        </Text>
      ))}
    </Alert>
  );
}

function standingOf(region: Region, clearance: Clearance, screening: Screening): { standing: keyof typeof ICONS; words: string } {
  const named = (findings: Screening['findings']) => findings.map(({ code }) => tMaybe('findings', code) ?? inWords(code)).join(', ');
  const barring = screening.findings.filter(({ barredRegions }) => barredRegions.includes(region));
  if (barring.length > 0) return { standing: 'barred', words: t('record.regionBarred', { findings: named(barring) }) };
  const cleared = clearance.clearedRegions.includes(region);
  if (!cleared) {
    const waiting = screening.findings.filter(({ effect, regions }) => effect === 'relative' && regions.includes(region));
    if (waiting.length > 0) return { standing: 'waits', words: t('record.regionWaits', { findings: named(waiting) }) };
    return { standing: 'barred', words: t('record.regionNotCleared') };
  }
  if (!clearance.screening.state.startsWith('cleared')) return { standing: 'not', words: t('record.regionNotCleared') };
  const consented = clearance.consent.state === 'in_force' && clearance.consentedRegions.includes(region);
  return consented ? { standing: 'free', words: t('record.regionFree') } : { standing: 'not', words: t('record.regionNotConsented') };
}

/** A code that the catalogue has no words for, such as one of a clinic's own questionnaire. */
function inWords(code: string): string {
  return code.replaceAll('_', ' ');
}
