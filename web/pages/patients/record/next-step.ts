import type { Api } from '../../../api/client.ts';
import { patientLinks, sessionLink } from '../../../components/links.ts';
import { t } from '../../../messages/index.ts';

type Clearance = Api['ClearanceView'];

/** What is known besides the clearance. */
interface Known {
  readonly patientId: string;
  readonly clearance: Clearance;
  /** The discussion that waits for a decision, if there is one. */
  readonly openDiscussionId: string | undefined;
}

export interface Step {
  readonly label: string;
  readonly to: ReturnType<typeof sessionLink>;
}

const SCREEN_AGAIN = new Set([
  'screening.expired',
  'screening.replaced',
  'screening.unlicensed',
  'screening.change-reported',
  'check.changed',
]);
/** The patient said no. Nobody is pressed: the button is a quiet one. */
const SAID_NO = new Set(['consent.refused', 'consent.withdrawn', 'consent.doubted']);

/** The one button for what is missing; none where somebody else has to act, or where something else comes first. */
export function stepFor(blocker: string, { patientId, clearance, openDiscussionId }: Known): Step | undefined {
  const links = patientLinks(patientId);
  if (blocker === 'screening.none') return { label: t('patients.screen'), to: links.screening };
  if (SCREEN_AGAIN.has(blocker)) return { label: t('patients.screenAgain'), to: links.screening };
  if (blocker === 'screening.referred') return { label: t('record.adviceOrApproval'), to: links.screening };
  if (blocker === 'session.already-open') {
    return clearance.openSessionId === null ? undefined : { label: t('patients.goToSession'), to: sessionLink(clearance.openSessionId) };
  }
  if (isAboutConsent(blocker) || blocker === 'scope.none') {
    if (waitsForScreening(blocker, clearance)) return undefined;
    if (openDiscussionId) return { label: t('patients.continueDiscussion'), to: links.discussionOf(openDiscussionId) };
    return { label: discussionLabel(blocker), to: links.discussion };
  }
  return undefined;
}

/** A discussion rests on the screening: one that is begun before it would have to be begun again. */
export function waitsForScreening(blocker: string, { screening }: Clearance): boolean {
  return isAboutConsent(blocker) && !screening.state.startsWith('cleared');
}

function isAboutConsent(blocker: string): boolean {
  return blocker.startsWith('consent.') || blocker === 'discussion.unlicensed';
}

export function isQuiet(blocker: string): boolean {
  return SAID_NO.has(blocker);
}

function discussionLabel(blocker: string): string {
  // Somebody else decides now, for whom there is nothing to renew.
  if (SAID_NO.has(blocker) || blocker === 'consent.unrepresented') return t('record.newDiscussion');
  if (blocker === 'scope.none') return t('record.discussOther');
  return t(blocker === 'consent.none' ? 'patients.beginDiscussion' : 'patients.renewConsent');
}
