import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Technique } from '../../anatomy.ts';
import { patientSessionsQuery } from '../patients/queries.ts';
import type { Manipulation, Target } from './levels.ts';

/**
 * The technique for the next manipulation: as chosen, until another is chosen; before that as it was used last in this segment, or
 * else last with this patient. Only what the consent covers there.
 */
export function useTechnique(patientId: string, recorded: readonly Manipulation[]) {
  const [chosen, choose] = useState<Technique>();
  const sessions = useQuery(patientSessionsQuery(patientId)).data?.items ?? [];
  const earlier = [...recorded.toReversed(), ...sessions.flatMap(({ manipulations }) => manipulations.toReversed())];
  const techniqueFor = (target: Target | undefined, covered: readonly Technique[]): Technique | undefined => {
    const inSegment = earlier.find(({ segment }) => segment === target?.segment);
    return [chosen, inSegment?.technique, earlier[0]?.technique, covered[0]].find((one) => one && covered.includes(one));
  };
  return { techniqueFor, choose };
}
