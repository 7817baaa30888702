import { type Type, UseFilters, UseInterceptors, UsePipes } from '@nestjs/common';
import { MODULE_METADATA } from '@nestjs/common/constants.js';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { RouteOptions } from 'fastify';
import { CleanParameter } from '../common/input.js';
import { noteInputs } from './input.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestInterceptor } from './request.interceptor.js';

/**
 * Sends the requests to all controllers of a module by the way of a request: its checks of input, its interceptor and its problem details.
 * Nothing of that is global, so that the controllers of an application that imports Assent keep their own.
 */
export function bindModule(module: Type): void {
  for (const controller of (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) ?? []) as Type[]) bindController(controller);
}

function bindController(controller: Type): void {
  UseInterceptors(RequestInterceptor)(controller);
  UsePipes(new CleanParameter())(controller);
  UseFilters(ProblemFilter)(controller);
  const prototype = controller.prototype as object;
  for (const [name, method] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name === 'constructor' || typeof method.value !== 'function') continue;
    RouteConfig({ assent: true })(prototype, name, method);
    noteInputs(controller, name, method.value as object);
  }
}

/** Whether a route of Fastify's is one of a controller that was bound. */
export function isBound({ config }: RouteOptions): boolean {
  return config !== undefined && 'assent' in config;
}
