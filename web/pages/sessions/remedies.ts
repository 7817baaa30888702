import type { LinkProps } from '@tanstack/react-router';
import { patientLinks, sessionLink, staffLink } from '../../components/links.ts';
import { t } from '../../messages/index.ts';

interface About {
  readonly patientId: string;
  readonly openSessionId: string | null;
  /** The consent in force, if there is one. */
  readonly consentId: string | undefined;
  readonly may: (permission: string) => boolean;
}

export interface Remedy {
  readonly label: string;
  readonly to: NonNullable<LinkProps['to']>;
}

/** The pages that mend what is in the way of a session; none where nobody in this role can. */
export function remediesOf(code: string, { patientId, openSessionId, consentId, may }: About): readonly Remedy[] {
  const to = patientLinks(patientId);
  const screen = { label: t(code === 'screening.none' ? 'sessions.remedyScreening' : 'sessions.remedyScreeningAgain'), to: to.screening };
  const discuss = { label: t('sessions.remedyDiscussion'), to: to.discussion };
  const [subject = ''] = code.split('.');
  if (code === 'session.already-open') return openSessionId ? [{ label: t('sessions.openSession'), to: sessionLink(openSessionId) }] : [];
  if (code === 'check.consent-doubted' || code === 'consent.doubted') {
    const withdraw = consentId ? [{ label: t('sessions.remedyWithdrawal'), to: to.consent(consentId) }] : [];
    return [...withdraw, ...(may('discussion.record') ? [discuss] : [])];
  }
  if (subject === 'screening' || code === 'check.changed') return may('screening.record') ? [screen] : [];
  if (subject === 'consent' || subject === 'discussion' || subject === 'scope') return may('discussion.record') ? [discuss] : [];
  if (subject === 'licence') return may('staff.manage') ? [{ label: t('sessions.remedyStaff'), to: staffLink }] : [];
  return [{ label: t('sessions.remedyPatient'), to: to.patient }];
}
