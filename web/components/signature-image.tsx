import classes from './signature-image.module.css';

interface Props {
  /** Each a list of [x, y, ms]. */
  readonly strokes: readonly (readonly (readonly number[])[])[];
  readonly label: string;
}

const PADDING = 12;

/** A signature as it was drawn. */
export function SignatureImage({ strokes, label }: Props) {
  const points = strokes.flat();
  const [xs, ys] = [points.map(([x = 0]) => x), points.map(([, y = 0]) => y)];
  const [left, top] = [Math.min(...xs) - PADDING, Math.min(...ys) - PADDING];
  const [width, height] = [Math.max(...xs) - left + PADDING, Math.max(...ys) - top + PADDING];
  return (
    <svg role="img" aria-label={label} className={classes.signature} viewBox={`${left} ${top} ${width} ${height}`}>
      {strokes.map((stroke, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- what was drawn doesn't change
        <polyline key={index} points={stroke.map(([x, y]) => `${x},${y}`).join(' ')} />
      ))}
    </svg>
  );
}
