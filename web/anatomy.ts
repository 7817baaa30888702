import type { Api } from './api/client.ts';
import {
  recordManipulationRegionValues as REGIONS,
  recordManipulationSegmentValues as SEGMENTS,
  recordManipulationTechniqueValues as TECHNIQUES,
} from './api/schema.ts';
import { listOf } from './messages/catalogue.ts';
import { t } from './messages/index.ts';

/** As the API lists them: regions and segments from the head downwards. */
export { REGIONS, SEGMENTS, TECHNIQUES };

type Manipulation = Api['ManipulationView'];
export type Region = Manipulation['region'];
export type Segment = Manipulation['segment'];
export type Technique = Manipulation['technique'];
export type Side = NonNullable<Manipulation['side']>;

export const regionName = (region: Region): string => t(`regions.${region}`);

export const regionNames = (regions: readonly Region[]): string => listOf(regions.map(regionName));

export const techniqueNames = (techniques: readonly Technique[]): string => techniques.map((one) => t(`techniques.${one}`)).join(', ');

export const shortRegionNames = (regions: readonly Region[]): string => regions.map((one) => t(`shortRegions.${one}`)).join(', ');

export const shortTechniqueNames = (techniques: readonly Technique[]): string =>
  techniques.map((one) => t(`shortTechniques.${one}`)).join(', ');
