const names = new Intl.DisplayNames('en', { type: 'language', fallback: 'code' });

/** English, for the tag en. */
export function languageOf(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
