import type { Api } from '../../api/client.ts';
import { t } from '../../messages/index.ts';

export type Manipulation = Api['ManipulationView'];
export type Region = Manipulation['region'];
export type Technique = Manipulation['technique'];
type Side = NonNullable<Manipulation['side']>;

/** What can be tapped: one side of a motion segment, both, the sacrum, a sacroiliac joint. */
export interface Target {
  readonly region: Region;
  readonly segment: string;
  readonly side: Side | null;
}

/** A row of the chart: left, middle, right, as seen from behind. */
export type Level = readonly [left: Target, middle: Target, right: Target];

const CERVICAL = ['C0', 'C1', 'C2', 'C3', 'C4', 'C5', 'C6', 'C7', 'T1'];
const THORACIC = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T10', 'T11', 'T12', 'L1'];
const LUMBAR = ['L1', 'L2', 'L3', 'L4', 'L5', 'S1'];

export const LEVELS = {
  cervical: levels('cervical', CERVICAL),
  thoracic: levels('thoracic', THORACIC),
  lumbar: levels('lumbar', LUMBAR),
} as const;

export const PELVIS: Level = [
  { region: 'pelvic', segment: 'left_sacroiliac', side: 'left' },
  { region: 'sacral', segment: 'sacrum', side: null },
  { region: 'pelvic', segment: 'right_sacroiliac', side: 'right' },
];

export const TECHNIQUES: readonly Technique[] = ['hvla_thrust', 'mobilisation', 'traction', 'rotation', 'instrument', 'drop_table'];

/** Two vertebrae and what joins them, from the top. */
function levels(region: Region, vertebrae: readonly string[]): readonly Level[] {
  return vertebrae.slice(1).map((lower, index) => {
    const segment = `${vertebrae[index]}/${lower}`;
    return [
      { region, segment, side: 'left' },
      { region, segment, side: 'bilateral' },
      { region, segment, side: 'right' },
    ];
  });
}

const NAMED = ['sacrum', 'sacroiliac', 'left_sacroiliac', 'right_sacroiliac'] as const;

function isNamed(segment: string): segment is (typeof NAMED)[number] {
  return (NAMED as readonly string[]).includes(segment);
}

/** “C5/C6, left”, “Left sacroiliac joint”. */
export function nameOf({ segment, side }: Pick<Target, 'segment' | 'side'>): string {
  if (isNamed(segment)) return t(`sessions.segment.${segment}`);
  return side ? `${segment}, ${t(`sessions.side.${side}`)}` : segment;
}

/** As `nameOf`, and by which technique. */
export function describe({ technique, ...target }: Target & { readonly technique: Technique }): string {
  return `${nameOf(target)}, ${t(`sessions.technique.${technique}`)}`;
}

export function isSame(one: Target, other: Target): boolean {
  return one.region === other.region && one.segment === other.segment && one.side === other.side;
}

/** By what a target and a manipulation are the same place. */
export function keyOf({ segment, side }: Pick<Target, 'segment' | 'side'>): string {
  return `${segment} ${side ?? ''}`;
}
