import { Param, ParseUUIDPipe } from '@nestjs/common';
import { malformed } from './errors.js';

const parseId = new ParseUUIDPipe({ exceptionFactory: () => malformed([{ field: 'id', message: 'must be a UUID' }]) });

/** The `:id` of the path. */
export const Id = (): ParameterDecorator => Param('id', parseId);
