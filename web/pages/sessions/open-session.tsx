import { Button, Group, Text } from '@mantine/core';
import { useId, useState } from 'react';
import type { Api } from '../../api/client.ts';
import { useNameOf } from '../../api/colleagues.ts';
import { useMay, useMe } from '../../api/session.ts';
import { Page } from '../../components/page.tsx';
import { Section } from '../../components/section.tsx';
import { t } from '../../messages/index.ts';
import { useTimes } from '../../time.ts';
import { WithdrawDialog } from '../consents/withdraw-dialog.tsx';
import { Barred } from './barred.tsx';
import { Composer } from './composer.tsx';
import { EndDialog } from './end-dialog.tsx';
import { describe } from './levels.ts';
import { Recorded } from './recorded.tsx';
import { barredAt, Spine, type Standing } from './spine.tsx';
import { StandingMessage } from './standing-message.tsx';
import { useRecording } from './use-recording.ts';
import classes from './session.module.css';

interface Props {
  readonly session: Api['SessionView'];
  readonly standing: Standing;
  readonly connected: boolean;
}

/** An open session: the chart, what is being recorded, what was. */
export function OpenSession({ session, standing, connected }: Props) {
  const me = useMe();
  const may = useMay();
  const nameOf = useNameOf();
  const times = useTimes();
  const hint = useId();
  const [dialog, setDialog] = useState<'withdraw' | 'end'>();
  const recording = useRecording(session, standing);
  const { target, technique, response, chart } = recording;
  const over = standing.over !== null;
  const mine = session.practitionerId === me.id;
  const barred = target && barredAt(standing, target.region);
  const unrecorded =
    mine && target && technique && !barred ? [describe({ ...target, technique }), response].filter(Boolean).join(', ') : undefined;
  const time = times.time(session.startedAt);
  const end = () => setDialog('end');
  return (
    <Page
      title={mine ? t('sessions.opened', { time }) : t('sessions.openedBy', { time, name: nameOf(session.practitionerId) })}
      actions={
        <Group gap="xs">
          {!over && may('consent.withdraw') && (
            <Button variant="default" className={classes.act} onClick={() => setDialog('withdraw')}>
              {t('sessions.withdraws')}
            </Button>
          )}
          {!over && may('session.record') && (
            <Button className={classes.act} onClick={end}>
              {t('sessions.end')}
            </Button>
          )}
        </Group>
      }
    >
      <StandingMessage over={standing.over} connected={connected} unrecorded={unrecorded} onEnd={may('session.record') ? end : undefined} />
      <div className={classes.work}>
        <section className={classes.chart} aria-label={t('sessions.chart')} aria-describedby={hint} ref={chart}>
          <Spine standing={standing} counts={recording.counts} selected={target} locked={over || !mine} onPick={recording.pick} />
          <Text id={hint} size="xs" c="dimmed" mt="xs">
            {t('sessions.chartHint')} {t('sessions.chartKeys')}
          </Text>
        </section>
        {!over && (
          <section className={classes.composer} data-chosen={target !== undefined || undefined} aria-label={t('sessions.record')}>
            {!mine ? (
              <Text size="sm">
                {may('session.record')
                  ? t('sessions.notYoursToRecord', { name: nameOf(session.practitionerId) })
                  : t('sessions.onlyLooking')}
              </Text>
            ) : target && barred ? (
              <Barred region={target.region} barred={barred} session={session} />
            ) : (
              <Composer recording={recording} />
            )}
          </section>
        )}
        <div className={classes.list}>
          <Section title={t('sessions.recorded')}>
            <Recorded manipulations={session.manipulations} />
          </Section>
        </div>
      </div>
      <EndDialog session={session} opened={dialog === 'end'} onClose={() => setDialog(undefined)} />
      <WithdrawDialog
        consentId={session.consentId}
        patientId={session.patientId}
        opened={dialog === 'withdraw'}
        onClose={() => setDialog(undefined)}
      />
    </Page>
  );
}
