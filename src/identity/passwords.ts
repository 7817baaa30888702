import { hash, parseOptions, verify } from '@node-rs/argon2';
import { AppError } from '../common/errors.js';
import { isCommon } from './common-passwords.js';

/** What NIST SP 800-63B-4 asks for where the password is the only factor, and where it is one of two. */
export const MINIMUM_ALONE = 15;
export const MINIMUM_WITH_SECOND_FACTOR = 8;
const MAXIMUM = 128;
/**
 * In UTF-16, before NFKC, which makes one code point of at most four, each of one or two units. What is longer is too long,
 * and need not be normalised to see it.
 */
const MAXIMUM_UNITS = 8 * MAXIMUM;

/** 19 MiB, 2 passes: OWASP's minimum for argon2id, and the library's default. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** A hash that costs more than so many of today's would hold up the server, and was never made here. */
const COST_LIMIT = 32;

interface Rules {
  /** In code points, after NFKC. */
  readonly minimum: number;
  /** Names that a guesser knows: the person's, their email address, the clinic's. */
  readonly names: readonly string[];
}

/** Why this can't become somebody's password, to be thrown; undefined where it can. */
export async function passwordProblem(password: string, { minimum, names }: Rules): Promise<AppError | undefined> {
  if (!isText(password)) {
    return refusal('not-text', 'The password contains what isn’t a character.', 'Leave out NUL characters and halves of surrogate pairs.');
  }
  if (isTooLong(password)) return refusal('too-long', 'The password is too long.', `Use at most ${MAXIMUM} characters.`);
  if (codePoints(password.normalize('NFKC')) < minimum) {
    return refusal('too-short', 'The password is too short.', `Use at least ${minimum} characters: several words, for example.`);
  }
  if (await isCommon(password)) {
    return refusal(
      'common',
      'Many people use this password, so it is guessed first.',
      'Use several words that have nothing to do with each other.',
    );
  }
  const name = nameIn(password, [...names, 'Assent']);
  if (name !== undefined) {
    return refusal(
      'contains-name',
      'The password contains a name that is guessed first.',
      `Leave out “${name}”, and whatever else is in your name, your email address, or the clinic’s name.`,
    );
  }
  return undefined;
}

function refusal(code: string, title: string, detail: string): AppError {
  return new AppError(`password.${code}`, 422, title, { detail });
}

/** Whether anybody can have this password: signing in with another one fails before the account is looked for. */
export function isPossible(password: string): boolean {
  return !isTooLong(password) && isText(password);
}

/** A PHC string, of a password that isPossible. */
export async function hashPassword(password: string): Promise<string> {
  if (!isPossible(password)) throw new TypeError('This can’t be a password.');
  return hash(password.normalize('NFKC'), COST);
}

/** False for whatever hashPassword doesn't take, or didn't make. */
export async function verifyPassword(hashed: string, password: string): Promise<boolean> {
  return isPossible(password) && isOurs(hashed) && verify(hashed, password.normalize('NFKC'));
}

/** argon2id, affordable, and well-formed: verify throws for what parseOptions throws. */
function isOurs(hashed: string): boolean {
  if (!hashed.startsWith('$argon2id$')) return false;
  try {
    const { memoryCost, timeCost } = parseOptions(hashed);
    return memoryCost * timeCost <= COST_LIMIT * COST.memoryCost * COST.timeCost;
  } catch {
    return false;
  }
}

/** As cleanInput has it, for passwords that come another way. UTF-8 has no half surrogates: all would be hashed as U+FFFD. */
function isText(password: string): boolean {
  return !password.includes('\0') && password.isWellFormed();
}

function isTooLong(password: string): boolean {
  return password.length > MAXIMUM_UNITS || codePoints(password.normalize('NFKC')) > MAXIMUM;
}

function codePoints(text: string): number {
  return [...text].length;
}

/** Words of names that say nothing about whose they are. Who works at The Hand and Spine may write "the" and "and". */
const FILLERS = new Set(['the', 'and', 'for', 'der', 'die', 'das', 'und', 'von', 'van', 'del', 'los', 'las', 'les', 'des']);

/**
 * The first word of a name, or the whole without its spaces, that stands in the password. One of five letters is found
 * anywhere, as in ilovegarcia1984; one of three or four only as a word of its own, because those stand in other words by
 * chance: Ann in "planned", Rosa in "prosaic". Two letters alone say nothing.
 */
function nameIn(password: string, names: readonly string[]): string | undefined {
  const text = fold(password);
  const words = new Set(wordsOf(password));
  return names.flatMap(partsOf).find((part) => (weight(part) >= 5 ? text.includes(part) : weight(part) >= 3 && words.has(part)));
}

function partsOf(name: string): string[] {
  // Of an email address, what is before the @: the rest may be anybody's.
  const own = name.replace(/@\S*$/u, '');
  const whole = fold(own).replaceAll(/[^\p{L}\p{N}]/gu, '');
  return [...wordsOf(own), whole].filter((part) => !FILLERS.has(part));
}

/** Runs of letters; PlannedAnn are two. */
function wordsOf(text: string): string[] {
  return fold(text.replaceAll(/(\p{Ll}\p{M}*)(?=\p{Lu})/gu, '$1 ')).match(/\p{L}+/gu) ?? [];
}

/** How many letters a part is worth: Chinese and Japanese ones say as much as three, and have no spaces around their words. */
function weight(part: string): number {
  return codePoints(part.replaceAll(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu, '...'));
}

/** Letters that Unicode takes for letters of their own, and people for variants of these. */
const VARIANTS: Readonly<Record<string, string>> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ı: 'i', ς: 'σ' };

/** Without case, accents and invisible characters. */
function fold(text: string): string {
  const letters = text.normalize('NFKD').replaceAll(/[\p{M}\p{Cf}]/gu, '');
  return letters.toLowerCase().replaceAll(/\P{ASCII}/gu, (letter) => VARIANTS[letter] ?? letter);
}
