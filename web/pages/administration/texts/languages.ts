import { languageName } from '../../../languages.ts';

/** Those that clinics ask for most; a text can be in any. */
const COMMON = 'ar bn cy de el es fa fr gu hi hu it ja ko lt nl pa pl pt ro ru so sq ta tl tr uk ur vi zh'.split(' ');

/** Languages in which there is no text yet, by their names. */
export function otherLanguages(taken: readonly string[]): { value: string; label: string }[] {
  return COMMON.filter((tag) => !taken.includes(tag))
    .map((value) => ({ value, label: languageName(value) }))
    .sort((one, other) => one.label.localeCompare(other.label));
}
