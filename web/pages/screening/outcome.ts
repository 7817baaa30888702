import { REGIONS, type Region } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { tMaybe } from '../../messages/index.ts';

type Screening = Api['ScreeningView'];
type Finding = Api['FindingView'];

/** What a screening means for a region. */
export type RegionState = 'cleared' | 'precautions' | 'waiting' | 'barred';

export function stateOf({ clearedRegions, findings }: Screening, region: Region): RegionState {
  if (findings.some(({ barredRegions }) => barredRegions.includes(region))) return 'barred';
  if (!clearedRegions.includes(region)) return 'waiting';
  return findings.some(({ regions }) => regions.includes(region)) ? 'precautions' : 'cleared';
}

/** What was found about a region; where it is barred, what bars it. */
export function findingsOf(screening: Screening, region: Region): Finding[] {
  const barred = stateOf(screening, region) === 'barred';
  return screening.findings.filter(({ regions, barredRegions }) => (barred ? barredRegions.includes(region) : regions.includes(region)));
}

export const regionsIn = (screening: Screening, ...states: RegionState[]): Region[] =>
  REGIONS.filter((region) => states.includes(stateOf(screening, region)));

/** What a question asks about, in a few words; of a clinic's own questions its code as words. */
export function findingName(code: string): string {
  const known = tMaybe('findings', code);
  if (known) return known;
  const words = code.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
