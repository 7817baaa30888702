import { useId } from 'react';
import type { Picture } from './frequency.ts';
import classes from './icon-array.module.css';

const CELL = { width: 10, height: 14 };
/** A person: head and body. */
const PERSON =
  'M5 1.200a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM2.200 6.500C2.200 5.700 3 5.600 5 5.600s2.800.1 2.800.9V9.400H6.900V13H3.100V9.400H2.200z';

interface Props extends Picture {
  readonly label: string;
}

/** So many figures, some of them marked, by colour and by a frame that needs no colour. */
export function IconArray({ shown, marked, label }: Props) {
  const id = useId();
  const columns = shown <= 100 ? 20 : 50;
  const rows = Math.ceil(shown / columns);
  const [width, height] = [columns * CELL.width, rows * CELL.height];
  const places = Array.from({ length: marked }, (_, index) => [index % columns, Math.floor(index / columns)] as const);
  const last = shown % columns;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} className={classes.array} role="img" aria-label={label}>
      <defs>
        <pattern id={id} width={CELL.width} height={CELL.height} patternUnits="userSpaceOnUse">
          <path d={PERSON} className={classes.figure} />
        </pattern>
      </defs>
      <rect width={width} height={(last ? rows - 1 : rows) * CELL.height} fill={`url(#${id})`} />
      {last > 0 && <rect y={(rows - 1) * CELL.height} width={last * CELL.width} height={CELL.height} fill={`url(#${id})`} />}
      <g className={classes.marked}>
        {places.map(([x, y]) => (
          <g key={`${x} ${y}`} transform={`translate(${x * CELL.width} ${y * CELL.height})`}>
            <rect x={0.4} y={0.4} width={9.2} height={13.2} rx={1.6} />
            <path d={PERSON} fill="var(--app-surface)" />
          </g>
        ))}
      </g>
    </svg>
  );
}
