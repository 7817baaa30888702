import { Param, ParseUUIDPipe } from '@nestjs/common';
import { malformed } from './errors.js';

/** An id in the path: `:id`, or the one that is named. */
export const Id = (name = 'id'): ParameterDecorator =>
  Param(name, new ParseUUIDPipe({ exceptionFactory: () => malformed([{ field: name, message: 'must be a UUID' }]) }));
