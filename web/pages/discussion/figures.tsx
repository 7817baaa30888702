import type { Api } from '../../api/client.ts';
import type { PatientWords } from '../../messages/patient/index.ts';
import { type Bound, caption, inWords, pictureOf, type Proportion } from './frequency.ts';
import { IconArray } from './icon-array.tsx';
import classes from './figures.module.css';

interface Props {
  readonly figures: readonly Api['Figure'][];
  readonly words: PatientWords;
}

/** How often a risk comes true: in words, as a picture, and beside it what happens without the treatment. */
export function Figures({ figures, words }: Props) {
  return (
    <div className={classes.figures} lang={words.language}>
      {figures.map((figure) => (
        <div key={`${figure.label} ${figure.outOf}`} className={classes.arrays}>
          <OneFigure proportion={figure} bound={figure.bound} words={words} />
          {figure.comparison && <OneFigure proportion={figure.comparison} bound="exact" words={words} />}
        </div>
      ))}
    </div>
  );
}

interface OneProps {
  readonly proportion: Proportion;
  readonly bound: Bound;
  readonly words: PatientWords;
}

function OneFigure({ proportion, bound, words }: OneProps) {
  const picture = pictureOf(proportion);
  const said = inWords(proportion, bound, words);
  const shown = caption(proportion, bound, words);
  return (
    <figure className={`${classes.figure ?? ''} ${picture.marked === 0 ? (classes.rare ?? '') : ''}`}>
      <p className={classes.words}>{said}</p>
      <p className={classes.label}>{proportion.label}</p>
      <IconArray {...picture} label={`${said}. ${shown}`} />
      <figcaption className={classes.caption} aria-hidden>
        {shown}
      </figcaption>
    </figure>
  );
}
