import { Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import type { Api } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { ButtonLink } from '../../../components/button-link.tsx';
import { patientLinks, sessionLink } from '../../../components/links.ts';
import { Loaded } from '../../../components/loaded.tsx';
import { t } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import { clearanceQuery, discussionsQuery, patientSessionsQuery, screeningsQuery } from '../queries.ts';
import { Lights } from './lights.tsx';
import { isQuiet, stepFor, waitsForScreening } from './next-step.ts';
import { Regions, Urgent } from './regions.tsx';
import classes from './clearance-panel.module.css';

type Clearance = Api['ClearanceView'];

/** Whether a session may start, and if not, exactly what is missing, each with the one button for it. */
export function ClearancePanel({ patientId }: { readonly patientId: string }) {
  const query = useQuery(clearanceQuery(patientId));
  const screenings = useQuery(screeningsQuery(patientId));
  const id = useId();
  return (
    <Paper component="section" aria-labelledby={id} withBorder bg="var(--app-surface)" className={classes.panel}>
      <Title order={2} size="h4" id={id} className={classes.title}>
        {t('record.clearance')}
      </Title>
      <div className={classes.body}>
        <Loaded queries={[query, screenings]} lines={12}>
          {(clearance, { items: [latest] }) => (
            <Stack gap="lg">
              <Lights clearance={clearance} />
              {latest && <Urgent screening={latest} />}
              <Verdict patientId={patientId} clearance={clearance} />
              {latest && <Regions screening={latest} clearance={clearance} />}
            </Stack>
          )}
        </Loaded>
      </div>
    </Paper>
  );
}

function Verdict({ patientId, clearance }: { readonly patientId: string; readonly clearance: Clearance }) {
  const mayTreat = useMay()('session.record');
  // Only people who treat need a licence.
  const blockers = clearance.blockers.filter(({ code }) => mayTreat || !code.startsWith('licence.'));
  if (clearance.openSessionId !== null) return <OpenSession patientId={patientId} id={clearance.openSessionId} />;
  if (blockers.length > 0) return <Blockers patientId={patientId} clearance={clearance} blockers={blockers} />;
  return (
    <div className={classes.verdict} data-tone="good">
      <div>
        <p className={classes.headline}>{t(mayTreat ? 'record.mayStart' : 'record.ready')}</p>
        <Text size="sm">{t(mayTreat ? 'record.mayStartHint' : 'record.readyHint')}</Text>
      </div>
      {mayTreat && (
        <ButtonLink to={patientLinks(patientId).session} size="lg" className="no-print">
          {t('patients.startSession')}
        </ButtonLink>
      )}
    </div>
  );
}

function OpenSession({ patientId, id }: { readonly patientId: string; readonly id: string }) {
  const times = useTimes();
  const session = useQuery(patientSessionsQuery(patientId)).data?.items.find((one) => one.id === id);
  return (
    <div className={classes.verdict} data-tone="busy">
      <div>
        <p className={classes.headline}>{t('record.isOpen')}</p>
        {session && <Text size="sm">{t('record.isOpenHint', { time: times.dateTime(session.startedAt) })}</Text>}
      </div>
      <ButtonLink to={sessionLink(id)} size="lg" className="no-print">
        {t('patients.goToSession')}
      </ButtonLink>
    </div>
  );
}

interface BlockersProps {
  readonly patientId: string;
  readonly clearance: Clearance;
  readonly blockers: Clearance['blockers'];
}

function Blockers({ patientId, clearance, blockers }: BlockersProps) {
  const mayTreat = useMay()('session.record');
  const openDiscussionId = useQuery(discussionsQuery(patientId)).data?.items.find(({ awaitsDecision }) => awaitsDecision)?.id;
  const steps = blockers.map((blocker) => ({
    ...blocker,
    step: mayTreat ? stepFor(blocker.code, { patientId, clearance, openDiscussionId }) : undefined,
  }));
  const first = steps.find(({ code, step }) => step && !isQuiet(code));
  return (
    <div className={classes.verdict} data-tone="bad">
      <p className={classes.headline}>{t('record.mayNotStart')}</p>
      <ul className={classes.blockers}>
        {steps.map(({ code, message, remedy, step }) => (
          <li key={code} className={classes.blocker}>
            <div>
              <Text fw={600}>{message}</Text>
              <Text size="sm">{waitsForScreening(code, clearance) ? `${remedy} ${t('record.afterScreening')}` : remedy}</Text>
            </div>
            {step && (
              <ButtonLink to={step.to} variant={code === first?.code ? 'filled' : 'default'} className="no-print">
                {step.label}
              </ButtonLink>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
