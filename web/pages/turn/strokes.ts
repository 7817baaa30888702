/** What the API takes at most. */
const MOST_STROKES = 200;
const MOST_POINTS = 5000;

interface Point {
  readonly x: number;
  readonly y: number;
  readonly time: number;
}

/** What was drawn as the API keeps it: strokes of [x, y, ms since the first]. Where there is more than it takes, points in between go. */
export function toStrokes(groups: readonly { readonly points: readonly Point[] }[]): number[][][] {
  const drawn = groups.filter(({ points }) => points.length > 0).slice(0, MOST_STROKES);
  const start = drawn[0]?.points[0]?.time ?? 0;
  const every = Math.ceil(drawn.reduce((sum, { points }) => sum + points.length, 0) / (MOST_POINTS - MOST_STROKES));
  return drawn.map(({ points }) =>
    points
      .filter((_, index) => index % Math.max(every, 1) === 0)
      .map(({ x, y, time }) => [Math.round(x * 10) / 10, Math.round(y * 10) / 10, Math.max(0, Math.round(time - start))]),
  );
}
