const names = new Intl.DisplayNames('en', { type: 'language' });

/** What a BCP 47 tag stands for: es is Spanish. What is none, because somebody typed an address, stands for itself. */
export function languageName(tag: string): string {
  try {
    return names.of(tag) ?? tag;
  } catch {
    return tag;
  }
}
