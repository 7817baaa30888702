import type { Api } from './api/client.ts';
import { listOf } from './messages/catalogue.ts';
import { tMaybe } from './messages/index.ts';

export type Region = Api['FindingView']['regions'][number];

/** From the head downwards. */
export const REGIONS = ['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'] as const satisfies readonly Region[];

export const regionName = (region: Region): string => tMaybe('regions', region) ?? region;

export const regionNames = (regions: readonly Region[]): string => listOf(regions.map(regionName));
