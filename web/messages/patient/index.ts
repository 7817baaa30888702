import { en } from './en.ts';
import { es } from './es.ts';

export type PatientKey = keyof typeof en;
export type PatientText = Readonly<Record<PatientKey, string>>;

/** Text for patients in one language. */
export interface PatientWords {
  /** A BCP 47 tag. */
  readonly language: string;
  /** The words for a key; `{name}` in them is replaced. */
  readonly say: (key: PatientKey, values?: Readonly<Record<string, string | number>>) => string;
  /** One, two and three. */
  readonly list: (items: readonly string[]) => string;
}

const TEXTS: Readonly<Record<string, PatientText>> = { en, es };

/** In the language of a disclosure, or in English where we have no words in it. */
export function wordsIn(tag: string): PatientWords {
  const base = new Intl.Locale(tag).language;
  const language = base in TEXTS ? tag : 'en';
  const text = TEXTS[base] ?? en;
  const numbers = new Intl.NumberFormat(language);
  const lists = new Intl.ListFormat(language);
  return {
    language,
    // One sentence, so that only the first begins with a capital.
    list: (items) => lists.format(items.map((item, index) => (index === 0 ? item : item.toLocaleLowerCase(language)))),
    say: (key, values = {}) =>
      text[key].replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        const value = values[name];
        return typeof value === 'number' ? numbers.format(value) : (value ?? '');
      }),
  };
}
