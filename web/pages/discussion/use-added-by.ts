import { useQuery } from '@tanstack/react-query';
import type { Api } from '../../api/client.ts';
import { screeningsQuery } from '../patients/queries.ts';
import { questionnaireQuery } from '../screening/queries.ts';

/** Which finding of the screening added a risk, where the current questionnaire shows it. */
export function useAddedBy({ patientId, risks }: Api['DiscussionView']): (risk: string) => string | undefined {
  const enabled = risks.some(({ addedByScreening }) => addedByScreening);
  const screenings = useQuery({ ...screeningsQuery(patientId), enabled });
  const questionnaire = useQuery({ ...questionnaireQuery, enabled });
  const found = new Set(screenings.data?.items.flatMap(({ findings }) => findings.map(({ code }) => code)));
  return (risk) => questionnaire.data?.items.find(({ code, addsRisks }) => found.has(code) && addsRisks.includes(risk))?.code;
}
