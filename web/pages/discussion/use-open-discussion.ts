import { useQuery } from '@tanstack/react-query';
import type { Api } from '../../api/client.ts';
import { consentsQuery, discussionsQuery, screeningsQuery } from '../patients/queries.ts';
import { disclosureQuery, languagesQuery } from './queries.ts';

/**
 * The patient's newest discussion, if it waits for a decision and nothing that it rests on was replaced since; null: there is none, or
 * it isn't known; undefined: not known yet.
 */
export function useOpenDiscussion(patientId: string): Api['DiscussionSummary'] | null | undefined {
  const discussions = useQuery(discussionsQuery(patientId));
  const [newest] = discussions.data?.items ?? [];
  const undecided = newest?.consentId === null ? newest : undefined;
  const screenings = useQuery(screeningsQuery(patientId));
  const consents = useQuery(consentsQuery(patientId));
  const languages = useQuery({ ...languagesQuery, enabled: undecided !== undefined });
  const disclosure = useQuery(disclosureQuery(undecided?.disclosureId));
  if ([discussions, screenings, consents, languages, disclosure].some(({ isLoading }) => isLoading)) return undefined;
  if (!undecided) return null;
  const sameScreening = screenings.data?.items[0]?.id === undecided.screeningId;
  const decision = consents.data?.items[0];
  const decidedSince = decision !== undefined && Date.parse(decision.decidedAt) > Date.parse(undecided.openedAt);
  const inForce = languages.data?.items.find(({ language }) => language === undecided.language);
  const sameText = inForce !== undefined && !inForce.outdated && inForce.version === disclosure.data?.version;
  return sameScreening && sameText && !decidedSince ? undecided : null;
}
