import { applyDecorators, type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { type ClassConstructor, Transform, Type } from 'class-transformer';
import {
  IsObject,
  Matches,
  MinLength,
  Validate,
  ValidateIf,
  ValidateNested,
  type ValidationArguments,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { malformed } from './errors.js';

/**
 * What no request needs. Each is checked before anything else looks at the value: normalising, validating and comparing texts cost more
 * than their length, and a body of 512 KiB is enough to stop the server for a minute.
 */
const MAX_DEPTH = 12;
const MAX_TEXT_LENGTH = 10_000;
const MAX_KEYS = 100;
const MAX_KEY_LENGTH = 100;
const MAX_KEYS_IN_ALL = 2_000;
/** Of a list. Lists of lists, the points of a stroke, are bounded by the number of values. */
const MAX_ITEMS = 200;
const MAX_VALUES = 25_000;
/**
 * Longer runs are in no language, and putting them in order takes time that grows with their square (Unicode Standard Annex 15, Stream-Safe
 * Text Format). Invisible characters between the marks may be dropped later.
 */
const LONG_RUN_OF_MARKS = /(?<!\p{M})\p{M}(?:\p{Cf}*\p{M}){30}/u;

/**
 * Every text that comes in: refuses what PostgreSQL can't keep or what isn't a character (NUL, lone surrogates), names the
 * field, and normalises to NFC, so that the same name is the same text whichever keyboard typed it.
 */
export function cleanInput(value: unknown, source: 'body' | 'query' | 'param', path = ''): unknown {
  if (source === 'body' && !isObjectOrNothing(value)) throw malformed([{ field: 'body', message: 'must be a JSON object' }]);
  return new Cleaning().clean(value, path || source, 0, path);
}

/** For what stands in a path. */
@Injectable()
export class CleanParameter implements PipeTransform {
  transform(value: unknown, { type, data }: ArgumentMetadata): unknown {
    return type === 'param' ? cleanInput(value, type, data) : value;
  }
}

function isObjectOrNothing(body: unknown): boolean {
  return body === undefined || (typeof body === 'object' && !Array.isArray(body));
}

/** Of one body, query or parameter. It ends at the first fault. */
class Cleaning {
  private values = 0;
  private keys = 0;

  /** `named` is the value's path in messages, `path` that of what is in it. */
  clean(value: unknown, named: string, depth: number, path = named): unknown {
    if (++this.values > MAX_VALUES) refuse(named, `makes more than ${MAX_VALUES} values`);
    if (typeof value === 'string') return cleanText(value, named);
    if (typeof value !== 'object' || value === null) return value;
    if (depth === MAX_DEPTH) refuse(named, `is nested deeper than ${MAX_DEPTH} levels`);
    if (Array.isArray(value)) {
      if (value.length > MAX_ITEMS && !value.every(Array.isArray)) refuse(named, `must have at most ${MAX_ITEMS} items`);
      return value.map((item, index) => this.clean(item, `${path}[${index}]`, depth + 1));
    }
    const keys = Object.keys(value);
    this.keys += keys.length;
    if (keys.length > MAX_KEYS || this.keys > MAX_KEYS_IN_ALL) refuse(named, 'has more fields than any request');
    const clean: Record<string, unknown> = {};
    for (const key of keys) {
      if (key.length > MAX_KEY_LENGTH || key.includes('\0') || !key.isWellFormed())
        refuse(named, 'has a key that isn’t text of a usual length');
      const field = path ? `${path}.${key}` : key;
      // class-validator takes what every object inherits for known.
      if (key in Object.prototype) refuse(field, 'is no field of this request');
      clean[key] = this.clean((value as Record<string, unknown>)[key], field, depth + 1);
    }
    return clean;
  }
}

function cleanText(text: string, field: string): string {
  if (text.length > MAX_TEXT_LENGTH) refuse(field, `must have at most ${MAX_TEXT_LENGTH} characters`);
  if (text.includes('\0')) refuse(field, 'must not contain a NUL character');
  if (!text.isWellFormed()) refuse(field, 'must not contain half of a surrogate pair');
  if (LONG_RUN_OF_MARKS.test(text)) refuse(field, 'must not have more than 30 combining marks in a row');
  return text.normalize('NFC');
}

function refuse(field: string, message: string): never {
  throw malformed([{ field, message }]);
}

@ValidatorConstraint({ name: 'isCalendarDate' })
class CalendarDate implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && isCalendarDate(value);
  }
  defaultMessage(): string {
    return 'must be a date that exists, written YYYY-MM-DD';
  }
}

function isCalendarDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value) && value >= '1000-01-01';
}

const DATE_OR_INSTANT = /^(\d{4}-\d{2}-\d{2})(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-4]):[0-5]\d))?$/;

@ValidatorConstraint({ name: 'isDateOrInstant' })
class DateOrInstant implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (typeof value !== 'string') return false;
    const date = DATE_OR_INSTANT.exec(value)?.[1];
    // Later years don't fit RFC 3339 in every time zone, and mean "without end".
    return date !== undefined && isCalendarDate(date) && value >= '1900' && value < '3000';
  }
  defaultMessage(): string {
    return 'must be a date (YYYY-MM-DD, in the clinic’s time zone) or an instant with an offset (RFC 3339), from 1900 to 2999';
  }
}

const MAX_STROKES = 200;
const MAX_POINTS = 5_000;
const MAX_COORDINATE = 999_999_999;

@ValidatorConstraint({ name: 'isStrokes' })
class Strokes implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return (
      Array.isArray(value) &&
      value.length <= MAX_STROKES &&
      value.reduce((points: number, stroke: unknown) => points + (Array.isArray(stroke) ? stroke.length : Number.NaN), 0) <= MAX_POINTS &&
      value.every((stroke) => (stroke as unknown[]).every(isPoint))
    );
  }
  defaultMessage(): string {
    return 'must be a list of strokes, each a list of [x, y, ms] with finite numbers; at most 200 strokes and 5,000 points';
  }
}

function isPoint(point: unknown): boolean {
  return (
    Array.isArray(point) &&
    point.length === 3 &&
    point.every((number) => Number.isFinite(number) && Math.abs(number as number) <= MAX_COORDINATE)
  );
}

/** A date that exists, `YYYY-MM-DD`. */
export const IsCalendarDate = (): PropertyDecorator => applyDecorators(Validate(CalendarDate), ApiProperty({ format: 'date' }));
/** A date or an instant, in the one form that PostgreSQL reads alike (ISO 8601 has more); it reads a date in the clinic's time zone. */
export const IsDateOrInstant = (): PropertyDecorator =>
  applyDecorators(Validate(DateOrInstant), ApiProperty({ pattern: DATE_OR_INSTANT.source }));
export const IsStrokes = (): PropertyDecorator =>
  applyDecorators(
    Validate(Strokes),
    ApiProperty({
      type: 'array',
      maxItems: MAX_STROKES,
      items: {
        type: 'array',
        maxItems: MAX_POINTS,
        items: {
          type: 'array',
          minItems: 3,
          maxItems: 3,
          items: { type: 'number', minimum: -MAX_COORDINATE, maximum: MAX_COORDINATE },
        },
      },
    }),
  );

@ValidatorConstraint({ name: 'isLanguage' })
class Language implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return typeof value === 'string' && canonicalLanguage(value) === value;
  }
  defaultMessage(): string {
    return 'must be a language tag such as en or pt-BR';
  }
}

/** Takes time that grows with the square of the length. */
const MAX_TAG_LENGTH = 35;

function canonicalLanguage(tag: string): string | undefined {
  if (tag.length > MAX_TAG_LENGTH) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    // RangeError: no language tag.
    return undefined;
  }
}

/**
 * Counts code points, as PostgreSQL's char_length does. class-validator's MaxLength leaves variation selectors out, so that it
 * lets through what the database refuses.
 */
@ValidatorConstraint({ name: 'hasAtMost' })
class AtMost implements ValidatorConstraintInterface {
  validate(value: unknown, { constraints: [max] }: ValidationArguments): boolean {
    return typeof value === 'string' && [...value].length <= max;
  }
  defaultMessage({ constraints: [max] }: ValidationArguments): string {
    return `must have at most ${max} characters`;
  }
}

@ValidatorConstraint({ name: 'onlyWhereFalse' })
class OnlyWhereFalse implements ValidatorConstraintInterface {
  validate(_: unknown, { object, constraints: [field] }: ValidationArguments): boolean {
    return (object as Record<string, unknown>)[field] !== true;
  }
  defaultMessage({ constraints: [field] }: ValidationArguments): string {
    return `must be left out where ${field} is true`;
  }
}

/** Must be there where the other field is false, and isn't where it is true. */
export const NeededUnless = (field: string): PropertyDecorator =>
  applyDecorators(
    ValidateIf((body: Record<string, unknown>, value) => body[field] === false || value !== undefined),
    Validate(OnlyWhereFalse, [field]),
  );

/** May be left out, but isn't null: the database fills it, or keeps what it has. */
export const IsOmittable = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/**
 * What shows nothing, and what changes the direction of the text around it. A bidirectional control is dropped, not refused: names that are
 * copied from other programs bring it along, nobody could find what to remove, and without it the text still reads in its own order. Signs
 * that stand before numbers are visible, and stay.
 */
const INVISIBLE = /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u200c\u200d])\p{Cf}/gu;
/** A joiner shapes the letters of some scripts (Persian, Hindi) and joins emoji. Elsewhere it is invisible as well. */
const STRAY_JOINER =
  /(?<![\p{L}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}])[\u200c\u200d]|[\u200c\u200d](?![\p{L}\p{M}\p{Extended_Pictographic}])/gu;
/** Letters, digits or emoji, which all are names to somebody. Some letters are invisible: the fillers of Hangul. */
const WORDS = /^$|(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}\u{1f000}-\u{1faff}]/u;

function visible(text: string): string {
  return text
    .replaceAll(INVISIBLE, '')
    .replaceAll(STRAY_JOINER, '')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim()
    .normalize('NFC');
}

const trimmed = Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? visible(value) : value));
const HasWords = (): PropertyDecorator => Matches(WORDS, { message: 'must have a letter or a digit' });

/** A BCP 47 tag, kept in its canonical case: EN and en are one language. */
export const IsLanguage = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (canonicalLanguage(value) ?? value) : value)),
    Validate(Language),
  );

/** One line of text of any script with a letter or digit, without invisible characters and without spaces around it. */
export const IsLine = (max: number): PropertyDecorator =>
  applyDecorators(
    trimmed,
    HasWords(),
    MinLength(1, { message: 'must not be empty' }),
    Validate(AtMost, [max]),
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused
    Matches(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, { message: 'must be one line of text' }),
    ApiProperty({ minLength: 1, maxLength: max }),
  );

/** The same of several lines. A `remark` may be anything that shows: nothing is held up by how it is worded. */
export const IsProse = (max: number, { remark = false } = {}): PropertyDecorator =>
  applyDecorators(
    trimmed,
    ...(remark ? [] : [HasWords()]),
    MinLength(1, { message: 'must not be empty' }),
    Validate(AtMost, [max]),
    ApiProperty({ minLength: 1, maxLength: max }),
  );

/** An object of a class, checked in its turn. ValidateNested alone takes a list of them in its place. */
export const Nested = (type: () => ClassConstructor<object>): PropertyDecorator =>
  applyDecorators(IsObject(), ValidateNested(), Type(type));
/** A list of objects of a class, each checked in its turn. ValidateNested alone takes lists in their place, of any length. */
export const NestedEach = (type: () => ClassConstructor<object>): PropertyDecorator =>
  applyDecorators(IsObject({ each: true }), ValidateNested({ each: true }), Type(type));
