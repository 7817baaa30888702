import { IconCheck } from '@tabler/icons-react';
import { type Region, REGIONS, regionName } from '../anatomy.ts';
import classes from './region-picker.module.css';

interface Props {
  readonly label: string;
  readonly value: readonly Region[];
  readonly onChange: (value: Region[]) => void;
  /** Those that can be chosen; left out: all. */
  readonly choosable?: readonly Region[];
  /** The words for a region; left out: the clinic's. */
  readonly nameOf?: (region: Region) => string;
  /** Something below a region's name. */
  readonly hintOf?: (region: Region) => string | undefined;
}

/** Regions of the spine, as buttons beside a drawing of it. */
export function RegionPicker({ label, value, onChange, choosable = REGIONS, nameOf = regionName, hintOf }: Props) {
  const toggle = (region: Region) => {
    if (choosable.includes(region)) onChange(REGIONS.filter((other) => (other === region) !== value.includes(other)));
  };
  return (
    <div role="group" aria-label={label} className={classes.picker}>
      {/* For eyes and fingers; the buttons say the same. */}
      <svg viewBox="0 0 116 336" className={classes.chart} aria-hidden>
        <path
          className={classes.outline}
          d="M46 8C34 20 44 44 40 54 14 60 6 74 8 120 10 160 22 176 20 208 16 236 6 256 8 312M70 8C82 20 72 44 76 54 102 60 110 74 108 120 106 160 94 176 96 208 100 236 110 256 108 312"
        />
        {REGIONS.map((region) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- hidden from them
          <g
            key={region}
            className={classes.part}
            data-on={value.includes(region) || undefined}
            data-off={!choosable.includes(region) || undefined}
            onClick={() => toggle(region)}
          >
            <path d={SHAPES[region]} />
          </g>
        ))}
      </svg>
      <div className={classes.buttons}>
        {REGIONS.map((region) => {
          const on = value.includes(region);
          const hint = hintOf?.(region);
          return (
            <button
              key={region}
              type="button"
              className={classes.button}
              aria-pressed={on}
              disabled={!choosable.includes(region)}
              onClick={() => toggle(region)}
            >
              <span className={classes.tick}>{on && <IconCheck size={18} aria-hidden />}</span>
              <span>
                {nameOf(region)}
                {hint && <span className={classes.hint}>{hint}</span>}
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** Vertebrae, wider and higher from the head downwards. */
function vertebrae(count: number, top: number, height: number, width: number, growth: number): string {
  return Array.from({ length: count }, (_, index) => {
    const w = width + index * growth;
    const h = height - 2.5;
    const y = top + index * height;
    return `M${58 - w / 2 + 3} ${y}h${w - 6}a3 3 0 0 1 3 3v${h - 6}a3 3 0 0 1-3 3h${6 - w}a3 3 0 0 1-3-3v${6 - h}a3 3 0 0 1 3-3z`;
  }).join('');
}

const SHAPES: Readonly<Record<Region, string>> = {
  cervical: vertebrae(6, 6, 8.5, 18, 1),
  thoracic: vertebrae(11, 60, 9.7, 24, 0.8),
  lumbar: vertebrae(5, 169, 13.4, 33, 1),
  sacral: 'M42 240h32c2 0 3 2 2 4L63 286c-2 6-8 6-10 0L40 244c-1-2 0-4 2-4z',
  pelvic:
    'M36 240C20 238 12 252 14 268c2 18 14 22 20 34 3 8 12 8 14 0 1-6-1-10-2-14zM80 240c16-2 24 12 22 28-2 18-14 22-20 34-3 8-12 8-14 0-1-6 1-10 2-14z',
};
