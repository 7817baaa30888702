import { type ArgumentMetadata, type PipeTransform, SetMetadata, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { RequestWithCtx } from '../common/context.js';
import { cleanInput } from '../common/input.js';
import { validationPipe } from './validation.pipe.js';

export const INPUTS = 'inputs';

/** What a route reads of a request: a part of its address with the pipes that check it; body or query whole, with the class that says what it may hold. */
export type Input = ArgumentMetadata & { readonly type: 'param' | 'body' | 'query'; readonly pipes: readonly PipeTransform[] };

/** In the order in which they are checked. */
const SOURCES = [
  ['param', RouteParamtypes.PARAM],
  ['body', RouteParamtypes.BODY],
  ['query', RouteParamtypes.QUERY],
] as const;

/** Notes for a handler what its parameters with @Param(), @Body() and @Query() take. */
export function noteInputs(controller: Type, name: string, handler: object): void {
  const parameters = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) ?? {}) as Record<string, Pick<Input, 'data' | 'pipes'>>;
  const types = (Reflect.getMetadata('design:paramtypes', controller.prototype as object, name) ?? []) as Type[];
  const inputs = SOURCES.flatMap(([type, kind]) =>
    types.flatMap((metatype, index): Input[] => {
      const parameter = parameters[`${kind}:${index}`];
      return parameter ? [{ type, metatype, data: parameter.data, pipes: parameter.pipes }] : [];
    }),
  );
  SetMetadata(INPUTS, inputs)(handler as never);
}

/**
 * Checks the parts of a request's address, then body and query, and puts what came out in their place. Not as pipes: those of the application that imports Assent run
 * before a controller's own, and may drop a field that has to be refused.
 */
export async function checkInputs(request: RequestWithCtx, inputs: readonly Input[]): Promise<void> {
  for (const input of inputs) {
    const { type, data, pipes } = input;
    if (type === 'param') for (const pipe of pipes) await pipe.transform((request.params as Record<string, unknown>)[data ?? ''], input);
    else request[type] = await validationPipe.transform(cleanInput(request[type], type), input);
  }
}
