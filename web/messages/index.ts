import { en } from './en.ts';

/** Every key of the catalogue, as a path: `account.title`. */
type MessageKey = Keys<typeof en>;
type Plural = { readonly one: string; readonly other: string };
type Keys<T> = { [K in keyof T & string]: T[K] extends string | Plural ? K : `${K}.${Keys<T[K]>}` }[keyof T & string];
type At<T, K extends string> = K extends keyof T
  ? T[K]
  : K extends `${infer Head}.${infer Rest}`
    ? Head extends keyof T
      ? At<T[Head], Rest>
      : never
    : never;
type Holes<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Holes<Rest> : never;
type ValuesOf<M> = M extends Plural ? 'count' | Holes<M['other']> : Holes<M>;
type Arguments<K extends MessageKey> = [ValuesOf<At<typeof en, K>>] extends [never]
  ? []
  : [values: Readonly<Record<ValuesOf<At<typeof en, K>>, string | number>>];

/** Keys of words without anything to fill in. */
export type PlainKey = { [K in MessageKey]: Arguments<K> extends [] ? K : never }[MessageKey];

const LANGUAGE = 'en';
const plurals = new Intl.PluralRules(LANGUAGE);
const numbers = new Intl.NumberFormat(LANGUAGE);

/** The words for a key. `{name}` in them is replaced; of one and other, `count` chooses. */
export function t<K extends MessageKey>(key: K, ...[values]: Arguments<K>): string {
  return fill(find(key), values ?? {});
}

/** The words for a code that the server gives, if there are any: `tMaybe('problems', code)`. */
export function tMaybe(
  group:
    | 'problems'
    | 'remedies'
    | 'roles'
    | 'professions'
    | 'methods'
    | 'sexes'
    | 'findings'
    | 'regions'
    | 'techniques'
    | `record.${'licenceStates' | 'screeningStates' | 'consentStates' | 'outcomes' | 'archiveReasons' | 'looks'}`,
  code: string,
): string | undefined {
  return (find(group) as unknown as Readonly<Record<string, string>>)[code];
}

function find(key: string): string | Plural {
  return key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], en) as string | Plural;
}

function fill(message: string | Plural, values: Readonly<Record<string, string | number>>): string {
  const form = typeof message === 'string' ? message : plurals.select(Number(values['count'])) === 'one' ? message.one : message.other;
  return form.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? numbers.format(value) : (value ?? '');
  });
}
