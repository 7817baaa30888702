import type { Region, Technique } from '../screening/anatomy.js';
import { BlockerView } from './clearance.dto.js';
import { GATE_RULES } from './session.rules.js';
import type { Standing } from './standing.service.js';

export class RegionStandingView {
  region: Region;
  /** Those that the consent covers there. */
  techniques: Technique[];
  /** Why nothing may be recorded in this region: manipulation.not-cleared or manipulation.not-consented. Null: it may. */
  barred: BlockerView | null;
}

export class StandingView {
  /** It hasn't ended. */
  open: boolean;
  /** Why nothing may be recorded any more, such as consent.withdrawn. Null: it may. */
  over: BlockerView | null;
  /** How many are recorded, so that a page knows when another one recorded something. */
  manipulations: number;
  /** All five, in the order of the spine. */
  regions: RegionStandingView[];
}

export function toStanding({ open, over, manipulations, regions }: Standing): StandingView {
  return {
    open,
    over: over === null ? null : GATE_RULES.blockerBy(over),
    manipulations,
    regions: regions.map(({ region, techniques, barred }) => ({
      region,
      techniques,
      barred: barred === null ? null : GATE_RULES.blockerBy(barred),
    })),
  };
}
