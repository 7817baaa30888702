import type { Api } from '../../api/client.ts';
import type { PatientWords } from '../../messages/patient/index.ts';

export type Proportion = Api['Proportion'];
export type Bound = Api['Figure']['bound'];

/** So many figures a picture has at most. */
export const MOST_SHOWN = 1000;

/** How a proportion looks as a picture: so many figures, so many of them marked. */
export interface Picture {
  readonly shown: number;
  readonly marked: number;
  /** Whether the picture is the count itself, not scaled. */
  readonly exact: boolean;
  /** How many pictures it takes for one mark, where none has any; undefined where nothing was counted. */
  readonly pictures: number | undefined;
}

export function pictureOf({ events, outOf }: Proportion): Picture {
  const whole = Number.isInteger(events) && Number.isInteger(outOf) && events <= outOf;
  if (whole && outOf <= MOST_SHOWN) return { shown: outOf, marked: events, exact: true, pictures: undefined };
  const expected = (events / outOf) * MOST_SHOWN;
  // A figure that is less than half true isn't marked: the picture would say more than is known.
  const marked = expected < 0.5 ? 0 : Math.min(MOST_SHOWN, Math.max(1, Math.round(expected)));
  return { shown: MOST_SHOWN, marked, exact: false, pictures: marked === 0 && events > 0 ? Math.round(1 / expected) : undefined };
}

/** At most 6 in 100,000. */
export function inWords({ events, outOf }: Proportion, bound: Bound, { say }: PatientWords): string {
  return events === 0 && bound === 'exact' ? say('none', { outOf }) : say(bound, { events, outOf });
}

/** What the picture shows, honestly: for what is rare, how many of them it would take. */
export function caption(proportion: Proportion, bound: Bound, { say }: PatientWords): string {
  const { shown, marked, exact, pictures } = pictureOf(proportion);
  if (marked > 0) return say(exact ? 'pictured' : 'picturedAbout', { shown, marked });
  const none = say('picturedNone', { shown });
  return pictures === undefined ? none : `${none} ${say(bound === 'exact' ? 'pictures' : 'picturesAtLeast', { pictures })}`;
}
