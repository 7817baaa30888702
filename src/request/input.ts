import { type ArgumentMetadata, SetMetadata, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { RequestWithCtx } from '../common/context.js';
import { cleanInput } from '../common/input.js';
import { validationPipe } from './validation.pipe.js';

export const INPUTS = 'inputs';

/** What a route reads of a request as a whole, and the class that says what it may hold. */
export type Input = ArgumentMetadata & { readonly type: 'body' | 'query' };

const SOURCES = [
  ['body', RouteParamtypes.BODY],
  ['query', RouteParamtypes.QUERY],
] as const;

/** Notes for a handler what its parameters with @Body() and @Query() take. */
export function noteInputs(controller: Type, name: string, handler: object): void {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, unknown>;
  const types = (Reflect.getMetadata('design:paramtypes', controller.prototype as object, name) ?? []) as Type[];
  const inputs = SOURCES.flatMap(([type, kind]) =>
    types.flatMap((metatype, index): Input[] => (`${kind}:${index}` in parameters ? [{ type, metatype, data: undefined }] : [])),
  );
  SetMetadata(INPUTS, inputs)(handler as never);
}

/**
 * Checks a request's body and query, and puts what came out in their place. Not as pipes: those of the application that imports Assent run
 * before a controller's own, and may drop a field that has to be refused.
 */
export async function checkInputs(request: RequestWithCtx, inputs: readonly Input[]): Promise<void> {
  for (const input of inputs) request[input.type] = await validationPipe.transform(cleanInput(request[input.type], input.type), input);
}
