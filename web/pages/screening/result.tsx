import { Alert, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconBan, IconCircleCheck, IconClockPause, IconUrgent, type TablerIcon } from '@tabler/icons-react';
import { REGIONS, type Region, regionName, regionNames } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { useMay } from '../../api/session.ts';
import { ButtonLink } from '../../components/button-link.tsx';
import { Section } from '../../components/section.tsx';
import { type PlainKey, t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { Approval } from './approval.tsx';
import { findingName, findingsOf, regionsIn, type RegionState, stateOf } from './outcome.ts';
import classes from './result.module.css';

type Screening = Api['ScreeningView'];

interface Props {
  readonly screening: Screening;
  /** The patient was not screened again since. */
  readonly newest: boolean;
}

/** What a screening found, in a sentence, by region, and what comes next. */
export function Result({ screening, newest }: Props) {
  const times = useTimes();
  const may = useMay();
  const { patientId, performedAt, clearsUntil, clearedRegions, addedRisks, advice, approval } = screening;
  const urgent = screening.findings.filter(({ urgentAction }) => urgentAction !== null);
  return (
    <Stack gap="lg">
      {!newest && <Alert color="gray">{t('screening.replaced')}</Alert>}
      {urgent.map(({ code, urgentAction }) => (
        <Alert key={code} color="red.9" variant="filled" icon={<IconUrgent aria-hidden />} title={findingName(code)}>
          <Text fw={500}>{urgentAction}</Text>
        </Alert>
      ))}
      <Text size="xl" fw={600} role="status">
        {sentence(screening)}
      </Text>
      <Text size="sm" c="dimmed" mt={-12}>
        {t('screening.recordedBy', { date: times.dateTime(performedAt) })}.{' '}
        {newest && clearsUntil && t('screening.until', { date: times.date(clearsUntil) })}
      </Text>
      {newest && (
        <Group className="no-print">
          {clearedRegions.length > 0 && may('discussion.record') && (
            <ButtonLink to="/patients/$patientId/discussion" params={{ patientId }}>
              {t('screening.toDiscussion')}
            </ButtonLink>
          )}
          <ButtonLink to="/patients/$patientId" params={{ patientId }} variant="default">
            {t('screening.toPatient')}
          </ButtonLink>
          {may('screening.record') && (
            <ButtonLink to="/patients/$patientId/screening" params={{ patientId }} variant="subtle">
              {t('screening.again')}
            </ButtonLink>
          )}
        </Group>
      )}
      <Section
        title={t('screening.regionsTitle')}
        {...(addedRisks.length > 0 ? { hint: t('screening.addedRisks', { count: addedRisks.length }) } : {})}
      >
        <ul className={classes.regions}>
          {REGIONS.map((region) => (
            <RegionRow key={region} region={region} screening={screening} />
          ))}
        </ul>
        {advice && (
          <Text size="sm">
            {t('screening.byAdvice', { name: advice.name, profession: advice.profession, date: times.day(advice.date) })} {advice.text}
          </Text>
        )}
        {approval && <Text size="sm">{t('screening.byApproval', { date: times.date(approval.approvedAt), reason: approval.reason })}</Text>}
      </Section>
      {newest && screening.awaitsApproval && !approval && <Approval key={screening.id} screening={screening} />}
    </Stack>
  );
}

const SHOWN: Readonly<Record<RegionState, readonly [icon: TablerIcon, label: PlainKey]>> = {
  cleared: [IconCircleCheck, 'screening.stateCleared'],
  precautions: [IconAlertTriangle, 'screening.statePrecautions'],
  waiting: [IconClockPause, 'screening.stateWaiting'],
  barred: [IconBan, 'screening.stateBarred'],
};

function RegionRow({ region, screening }: { readonly region: Region; readonly screening: Screening }) {
  const state = stateOf(screening, region);
  const [Icon, label] = SHOWN[state];
  const because = findingsOf(screening, region).map(({ code, answer, note }) =>
    [t('screening.because', { finding: findingName(code), answer: t(`screening.${answer}`).toLowerCase() }), note && `(${note})`]
      .filter(Boolean)
      .join(' '),
  );
  return (
    <li className={classes.region}>
      <Text fw={600}>{regionName(region)}</Text>
      <span className={`${classes.state ?? ''} ${classes[state] ?? ''}`}>
        <Icon size={20} aria-hidden />
        {t(label)}
      </span>
      <Text size="sm" c="dimmed">
        {because.length > 0 ? because.join('; ') : t('screening.nothingFound')}
      </Text>
    </li>
  );
}

function sentence(screening: Screening): string {
  const cleared = regionsIn(screening, 'cleared', 'precautions');
  if (screening.findings.length === 0) return t('screening.resultCleared');
  if (cleared.length === REGIONS.length) return t('screening.resultPrecautions');
  if (cleared.length > 0) {
    return t('screening.resultPart', { regions: regionNames(cleared), others: regionNames(regionsIn(screening, 'waiting', 'barred')) });
  }
  return t(screening.awaitsApproval ? 'screening.resultWaiting' : 'screening.resultReferred');
}
