import { type Region, type Segment, SEGMENTS, type Side, type Technique } from '../../anatomy.ts';
import type { Api } from '../../api/client.ts';
import { segments } from '../../messages/en/anatomy.ts';
import { t } from '../../messages/index.ts';

export type Manipulation = Api['ManipulationView'];

/** What can be tapped: one side of a motion segment, both, the sacrum, a sacroiliac joint. */
export interface Target {
  readonly region: Region;
  readonly segment: Segment;
  readonly side: Side | null;
}

/** A row of the chart: left, middle, right, as seen from behind. */
export type Level = readonly [left: Target, middle: Target, right: Target];

export const LEVELS = {
  cervical: levels('cervical', 'C'),
  thoracic: levels('thoracic', 'T'),
  lumbar: levels('lumbar', 'L'),
} as const;

export const PELVIS: Level = [
  { region: 'pelvic', segment: 'left_sacroiliac', side: 'left' },
  { region: 'sacral', segment: 'sacrum', side: null },
  { region: 'pelvic', segment: 'right_sacroiliac', side: 'right' },
];

/** A region's motion segments from the top: each belongs to its upper vertebra's region. */
function levels(region: Region, letter: string): readonly Level[] {
  const joints = SEGMENTS.filter((segment) => segment.startsWith(letter) && segment.includes('/'));
  return joints.map((segment) => [
    { region, segment, side: 'left' },
    { region, segment, side: 'bilateral' },
    { region, segment, side: 'right' },
  ]);
}

function isNamed(segment: Segment): segment is keyof typeof segments {
  return segment in segments;
}

/** “C5/C6, left”, “Left sacroiliac joint”. */
export function nameOf({ segment, side }: Pick<Target, 'segment' | 'side'>): string {
  if (isNamed(segment)) return t(`segments.${segment}`);
  return side ? `${segment}, ${t(`sides.${side}`)}` : segment;
}

/** As `nameOf`, and by which technique. */
export function describe({ technique, ...target }: Target & { readonly technique: Technique }): string {
  return `${nameOf(target)}, ${t(`shortTechniques.${technique}`)}`;
}

export function isSame(one: Target, other: Target): boolean {
  return one.region === other.region && one.segment === other.segment && one.side === other.side;
}

/** By what a target and a manipulation are the same place. */
export function keyOf({ segment, side }: Pick<Target, 'segment' | 'side'>): string {
  return `${segment} ${side ?? ''}`;
}
