/** Regions of the spine, as in ICD-10-PCS section 9 (9WB). The database has the same list: app.regions(). */
export const REGIONS = ['cervical', 'thoracic', 'lumbar', 'sacral', 'pelvic'] as const;
export type Region = (typeof REGIONS)[number];

/** The database has the same list: app.techniques(). */
export const TECHNIQUES = ['hvla_thrust', 'mobilisation', 'traction', 'rotation', 'instrument', 'drop_table'] as const;
export type Technique = (typeof TECHNIQUES)[number];

const VERTEBRAE = [...numbered('C', 0, 7), ...numbered('T', 1, 12), ...numbered('L', 1, 5), ...numbered('S', 1, 5)];

/** Vertebrae and motion segments from the head downwards, then what has a name of its own. The database has the same list: app.segments. */
export const SEGMENTS: readonly string[] = [
  ...VERTEBRAE.flatMap((upper, index) => {
    const lower = VERTEBRAE[index + 1];
    return lower ? [upper, `${upper}/${lower}`] : [upper];
  }),
  'sacrum',
  'sacroiliac',
  'left_sacroiliac',
  'right_sacroiliac',
];

function numbered(letter: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${letter}${first + index}`);
}
