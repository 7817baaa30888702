import { IconAlertTriangle, IconCheck, IconCircleDashed, IconPlayerPlay, IconX, type TablerIcon } from '@tabler/icons-react';
import type { Api } from '../../../api/client.ts';
import { useMay } from '../../../api/session.ts';
import { t, tMaybe } from '../../../messages/index.ts';
import { useTimes } from '../../../time.ts';
import classes from './lights.module.css';

type Clearance = Api['ClearanceView'];
type Permit = Api['PermitView'];
type Tone = 'good' | 'care' | 'bad' | 'off' | 'busy';

const ICONS: Readonly<Record<Tone, TablerIcon>> = {
  good: IconCheck,
  care: IconAlertTriangle,
  bad: IconX,
  off: IconCircleDashed,
  busy: IconPlayerPlay,
};
const GOOD = new Set(['valid', 'cleared', 'in_force']);

/** What a session needs, each in colour, in a sign and in words. */
export function Lights({ clearance }: { readonly clearance: Clearance }) {
  const mayTreat = useMay()('session.record');
  const times = useTimes();
  const { licence, screening, consent, openSessionId } = clearance;
  const period = ({ state, until }: Permit) =>
    until && toneOf(state) !== 'bad' ? t('record.until', { date: times.lastDay(until) }) : undefined;
  return (
    <ul className={classes.lights} aria-label={t('record.lights')}>
      {mayTreat && (
        <Light name={t('record.licence')} tone={toneOf(licence.state)} said={say('licence', licence.state)} more={period(licence)} />
      )}
      <Light
        name={t('record.screening')}
        tone={toneOf(screening.state)}
        said={say('screening', screening.state)}
        more={period(screening)}
      />
      <Light name={t('record.consent')} tone={toneOf(consent.state)} said={say('consent', consent.state)} more={period(consent)} />
      <Light
        name={t('record.session')}
        tone={openSessionId ? 'busy' : 'off'}
        said={t(openSessionId ? 'record.sessionOpen' : 'record.sessionNone')}
      />
    </ul>
  );
}

interface LightProps {
  readonly name: string;
  readonly tone: Tone;
  readonly said: string;
  readonly more?: string | undefined;
}

function Light({ name, tone, said, more }: LightProps) {
  const Icon = ICONS[tone];
  return (
    <li className={classes.light}>
      <span className={classes.lamp} data-tone={tone}>
        <Icon size={18} stroke={2.4} aria-hidden />
      </span>
      <span className={classes.text}>
        <span className={classes.name}>{name}</span> <span className={classes.said}>{said}</span>{' '}
        {more && <span className={classes.more}>{more}</span>}
      </span>
    </li>
  );
}

function toneOf(state: string): Tone {
  if (GOOD.has(state)) return 'good';
  return state === 'cleared_with_precautions' ? 'care' : 'bad';
}

function say(permit: 'licence' | 'screening' | 'consent', state: string): string {
  return tMaybe(`record.${permit}States`, state) ?? state;
}
