import { IconAlertTriangle, IconCertificate, IconCertificateOff, IconClockExclamation, type TablerIcon } from '@tabler/icons-react';
import { t } from '../../../messages/index.ts';
import { type Times, useTimes } from '../../../time.ts';
import { type LicenceState, licenceState } from './licence-state.ts';
import type { Licence } from './queries.ts';
import classes from './licence-badge.module.css';

const TONES: Readonly<Record<LicenceState['kind'], 'plain' | 'caution' | 'bad'>> = {
  none: 'bad',
  expired: 'bad',
  revoked: 'bad',
  begins: 'caution',
  urgent: 'bad',
  soon: 'caution',
  valid: 'plain',
  open: 'plain',
};

const ICONS: Readonly<Record<LicenceState['kind'], TablerIcon>> = {
  none: IconCertificateOff,
  expired: IconCertificateOff,
  revoked: IconCertificateOff,
  begins: IconClockExclamation,
  urgent: IconAlertTriangle,
  soon: IconClockExclamation,
  valid: IconCertificate,
  open: IconCertificate,
};

/** Whether a practitioner may treat, by their licences, and for how long yet. */
export function LicenceBadge({ licences }: { readonly licences: readonly Licence[] }) {
  const times = useTimes();
  const state = licenceState(licences);
  const Icon = ICONS[state.kind];
  return (
    <span className={classes.state} data-tone={TONES[state.kind]}>
      <Icon size={16} stroke={1.8} aria-hidden />
      {wordsFor(state, times)}
    </span>
  );
}

function wordsFor(state: LicenceState, times: Times): string {
  switch (state.kind) {
    case 'none':
      return t('staff.noLicence');
    case 'open':
      return t('staff.lastsOpen');
    case 'expired':
      return t('staff.expired', { date: times.date(state.date) });
    case 'revoked':
      return t('staff.revoked', { date: times.date(state.date) });
    case 'begins':
      return t('staff.begins', { date: times.date(state.date) });
    case 'valid':
      return t('staff.lasts', { date: times.lastDay(state.date) });
    default:
      return state.days < 1 ? t('staff.endsToday') : t('staff.ends', { count: state.days, date: times.lastDay(state.date) });
  }
}
