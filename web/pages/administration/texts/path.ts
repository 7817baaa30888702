/** `risks[0].figures[1].label`, as the API names a field in its errors. */
type Path = string;

const keysOf = (path: Path) => path.match(/[^.[\]]+/g) ?? [];

export function valueAt(of: unknown, path: Path): unknown {
  return keysOf(path).reduce<unknown>((at, key) => (at as Readonly<Record<string, unknown>> | null | undefined)?.[key], of);
}

/** The same with another value at the path; nothing that it shares is changed. */
export function withValue<T>(of: T, path: Path, value: unknown): T {
  return replaced(of, keysOf(path), value) as T;
}

function replaced(of: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(of)) return of.map((item: unknown, index) => (String(index) === key ? replaced(item, rest, value) : item));
  const record = of as Readonly<Record<string, unknown>>;
  return { ...record, [key]: replaced(record[key], rest, value) };
}
