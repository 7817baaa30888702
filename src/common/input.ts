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
import { type FieldError, malformed } from './errors.js';

const MAX_DEPTH = 12;

/**
 * Every text that comes in: refuses what PostgreSQL can't keep or what isn't a character (NUL, lone surrogates), names the
 * field, and normalises to NFC, so that the same name is the same text whichever keyboard typed it.
 */
export function cleanInput(value: unknown, source: 'body' | 'query' | 'param', path = ''): unknown {
  if (source === 'body' && !isObjectOrNothing(value)) throw malformed([{ field: 'body', message: 'must be a JSON object' }]);
  const errors: FieldError[] = [];
  const clean = cleanValue(value, path, 0, errors);
  if (errors.length > 0) throw malformed(errors);
  return clean;
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

function cleanValue(value: unknown, path: string, depth: number, errors: FieldError[]): unknown {
  if (typeof value === 'string') {
    if (value.includes('\0')) errors.push({ field: path, message: 'must not contain a NUL character' });
    if (!value.isWellFormed()) errors.push({ field: path, message: 'must not contain half of a surrogate pair' });
    return value.normalize('NFC');
  }
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH) {
    errors.push({ field: path, message: `is nested deeper than ${MAX_DEPTH} levels` });
    return null;
  }
  if (Array.isArray(value)) return value.map((item, index) => cleanValue(item, `${path}[${index}]`, depth + 1, errors));
  const clean: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const field = path ? `${path}.${key}` : key;
    if (key.includes('\0') || !key.isWellFormed()) errors.push({ field: path, message: 'has a key that isn’t text' });
    // class-validator takes what every object inherits for known.
    else if (key in Object.prototype) errors.push({ field, message: 'is no field of this request' });
    else clean[key] = cleanValue(item, field, depth + 1, errors);
  }
  return clean;
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

function canonicalLanguage(tag: string): string | undefined {
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

const trimmed = Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value));

/** A BCP 47 tag, kept in its canonical case: EN and en are one language. */
export const IsLanguage = (): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (canonicalLanguage(value) ?? value) : value)),
    Validate(Language),
  );

/** One line of text of any script, without spaces around it. */
export const IsLine = (max: number): PropertyDecorator =>
  applyDecorators(
    trimmed,
    MinLength(1, { message: 'must not be empty' }),
    Validate(AtMost, [max]),
    // oxlint-disable-next-line no-control-regex -- control characters are what is refused
    Matches(/^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, { message: 'must be one line of text' }),
    ApiProperty({ minLength: 1, maxLength: max }),
  );

/** Text of several lines, without spaces around it. */
export const IsProse = (max: number): PropertyDecorator =>
  applyDecorators(
    trimmed,
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
