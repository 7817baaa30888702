import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { type FieldError, malformed } from '../common/errors.js';

/** Checks a body or a query against its class: unknown keys are refused, and each error names its field. */
export const validationPipe = new ValidationPipe({
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  transform: true,
  validationError: { target: false, value: false },
  exceptionFactory: (errors) => malformed(errors.flatMap((error) => fieldErrors(error, ''))),
});

function fieldErrors(error: ValidationError, parent: string): FieldError[] {
  const field = /^\d+$/.test(error.property) ? `${parent}[${error.property}]` : parent ? `${parent}.${error.property}` : error.property;
  const own = Object.entries(error.constraints ?? {}).map(([name, message]) => ({
    field,
    message: name === 'whitelistValidation' ? 'is no field of this request' : message.replace(new RegExp(`^${error.property} `), ''),
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldErrors(child, field))];
}
