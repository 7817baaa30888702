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
type Arguments<T, K extends string> = [ValuesOf<At<T, K>>] extends [never]
  ? []
  : [values: Readonly<Record<ValuesOf<At<T, K>>, string | number>>];

/** Keys of words without anything to fill in. */
export type PlainKeys<T> = { [K in Keys<T>]: Arguments<T, K> extends [] ? K : never }[Keys<T>];
/** Groups that hold words for codes. */
type Groups<T> = {
  [K in keyof T & string]: T[K] extends string | Plural ? never : (T[K][keyof T[K]] extends string ? K : never) | `${K}.${Groups<T[K]>}`;
}[keyof T & string];

export interface Messages<T> {
  /** The words for a key, as a path: `t('account.title')`. `{name}` in them is replaced; of one and other, `count` chooses. */
  readonly t: <K extends Keys<T>>(key: K, ...[values]: Arguments<T, K>) => string;
  /** The words for a code that the server gives, if there are any: `tMaybe('problems', code)`. */
  readonly tMaybe: (group: Groups<T>, code: string) => string | undefined;
  /** Words that were loaded later. */
  readonly add: (words: Partial<T>) => void;
}

/** How pages ask for words: all that there are by type, of which some are loaded now and others before they are asked for. */
export function messagesOf<T>(loaded: Partial<T>, language: string): Messages<T> {
  const words: Partial<T> = { ...loaded };
  const plurals = new Intl.PluralRules(language);
  const numbers = new Intl.NumberFormat(language);
  const find = (key: string) => key.split('.').reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], words);

  function fill(message: string | Plural, values: Readonly<Record<string, string | number>>): string {
    const form = typeof message === 'string' ? message : plurals.select(Number(values['count'])) === 'one' ? message.one : message.other;
    return form.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      return typeof value === 'number' ? numbers.format(value) : (value ?? '');
    });
  }

  return {
    t: (key, ...[values]) => fill(find(key) as string | Plural, values ?? {}),
    tMaybe: (group, code) => (find(group) as Readonly<Record<string, string>>)[code],
    add: (more) => void Object.assign(words, more),
  };
}

const LIST = new Intl.ListFormat('en');

/** Neck, lower back, and pelvis. */
export function listOf(words: readonly string[]): string {
  return LIST.format(words);
}
