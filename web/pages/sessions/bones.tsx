import classes from './spine.module.css';

/** Units are pixels, so that the bones lie under the targets; the middle of a drawing is at x = 0. */
export const ROW = 44;
const HALF = 110;

/** Right halves, from the middle of the top edge clockwise. Posterior view: articular pillars at x ≈ 42, transverse processes beyond. */
const ATLAS = 'M0-5C12-6 24-8 34-12 42-15 50-14 54-9 62-10 75-8 79-2 81 3 75 7 68 6 61 4 56 7 52 10 46 14 38 13 34 8 24 6 10 7 0 7';
const CERVICAL =
  'M0-8C10-8 19-9 27-13 34-17 46-17 50-11 55-9 61-9 67-5 71-2 70 4 65 6 60 8 55 6 52 8 50 15 42 17 36 14 29 11 22 6 14 7 13 11 10 17 6 17 3 17 2 13 0 13';
const THORACIC =
  'M0-8C10-8 20-9 28-13 33-16 43-16 46-11 54-13 66-17 75-15 83-13 83-6 75-4 66-2 57 1 50 6 48 13 42 16 36 13 28 11 18 4 11 6 9 13 6 21 2 22L0 22';
const LUMBAR =
  'M0-10C10-10 22-10 30-15 36-19 48-19 52-12 58-13 71-16 80-11 86-7 85 1 79 2 70 4 60 3 54 6 54 14 46 18 38 15 30 12 22 6 14 7 14 14 13 19 7 19L0 19';

const RIB = 'M80-11C92-15 102-8 112 8';
const OCCIPUT = 'M0-52C34-52 66-42 76-14 80-4 72 4 62 4 58 10 48 14 38 12 26 9 14 6 0 4';
const NUCHAL = 'M0-14C18-14 40-20 62-12';
const SACRUM = 'M0-6C18-8 38-9 47 0 54 8 50 30 43 60 35 92 18 118 0 128';
const CREST = 'M0 8V108';
const ILIUM = 'M53 10C55-2 66-10 76-6 86-2 87 30 79 58 72 82 62 98 54 94 47 90 48 72 53 54 57 40 52 26 53 10Z';

function Both({ d, className }: { readonly d: string; readonly className: string | undefined }) {
  return (
    <>
      <path d={d} className={className} />
      <path d={d} className={className} transform="scale(-1 1)" />
    </>
  );
}

interface Props {
  readonly vertebrae: 'cervical' | 'thoracic' | 'lumbar';
  readonly rows: number;
  /** Room above the first row. */
  readonly top: number;
}

/** Vertebrae at the edges between the rows; each row is the joint between two. */
export function Column({ vertebrae, rows, top }: Props) {
  const shape = { cervical: CERVICAL, thoracic: THORACIC, lumbar: LUMBAR }[vertebrae];
  const height = top + rows * ROW + 22;
  return (
    <svg className={classes.bones} width={HALF * 2} height={height} viewBox={`${-HALF} ${-top} ${HALF * 2} ${height}`} aria-hidden="true">
      {vertebrae !== 'cervical' &&
        Array.from({ length: rows }, (_, index) => <Disc key={index} y={index * ROW + ROW / 2} wide={vertebrae === 'lumbar'} />)}
      {Array.from({ length: rows + 1 }, (_, index) => (
        <g key={index} transform={`translate(0 ${index * ROW})`}>
          {vertebrae === 'thoracic' && index < rows && <Both d={RIB} className={classes.rib} />}
          <Both d={shapeAt(vertebrae, index, rows) ?? shape} className={classes.bone} />
          {vertebrae === 'cervical' && index === 0 && <Both d={NUCHAL} className={classes.edge} />}
        </g>
      ))}
    </svg>
  );
}

/** The neighbours at the ends, and those that differ from the rest of their region. */
function shapeAt(vertebrae: Props['vertebrae'], index: number, rows: number): string | undefined {
  if (vertebrae === 'cervical') return { 0: OCCIPUT, 1: ATLAS, [rows]: THORACIC }[index];
  if (vertebrae === 'thoracic' && index === rows) return LUMBAR;
  return undefined;
}

function Disc({ y, wide }: { readonly y: number; readonly wide: boolean }) {
  const half = wide ? 36 : 26;
  return <rect x={-half} y={y - 6} width={half * 2} height={12} rx={6} className={classes.disc} />;
}

/** Sacrum and the wings of the pelvis. */
export function Pelvis() {
  return (
    <svg className={classes.bones} width={HALF * 2} height={150} viewBox={`${-HALF} -10 ${HALF * 2} 150`} aria-hidden="true">
      <Both d={ILIUM} className={classes.bone} />
      <Both d={SACRUM} className={classes.bone} />
      <path d={CREST} className={classes.edge} />
      {[14, 38, 62, 84].map((y, index) => (
        <g key={y} className={classes.hole}>
          <ellipse cx={-24 + index * 4} cy={y} rx={4.5 - index * 0.5} ry={5.5 - index} />
          <ellipse cx={24 - index * 4} cy={y} rx={4.5 - index * 0.5} ry={5.5 - index} />
        </g>
      ))}
    </svg>
  );
}
