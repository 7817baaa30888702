import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR } from '@nestjs/core';
import { RuleBook } from '../common/rules.js';
import { IdempotencyCleanup } from './idempotency-cleanup.js';
import { ProblemFilter } from './problem.filter.js';
import { RequestInterceptor } from './request.interceptor.js';

/** The way of every request: login, permission, transaction, handler, commit, response. */
@Module({})
export class RequestModule {
  static register(rules: RuleBook): DynamicModule {
    return {
      module: RequestModule,
      providers: [
        { provide: RuleBook, useValue: rules },
        { provide: APP_INTERCEPTOR, useClass: RequestInterceptor },
        { provide: APP_FILTER, useClass: ProblemFilter },
        IdempotencyCleanup,
      ],
    };
  }
}
