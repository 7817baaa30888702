import { Global, Module, type NestModule, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { FastifyInstance } from 'fastify';
import { DATA_SOURCE } from '../database/database.module.js';
import { isBound } from './bind.js';
import { IdempotencyCleanup } from './idempotency-cleanup.js';
import { Addresses } from './other-methods.js';
import { PERMISSIONS, readPermissions } from './permission.js';
import { protectRoute } from './protection.js';

/** The way of every request: login, permission, transaction, handler, commit, response. */
@Global()
@Module({
  providers: [{ provide: PERMISSIONS, useFactory: readPermissions, inject: [getDataSourceToken(DATA_SOURCE)] }, IdempotencyCleanup],
  exports: [PERMISSIONS],
})
export class RequestModule implements NestModule, OnModuleInit {
  private readonly addresses = new Addresses();
  /** None where the application answers no HTTP. */
  private fastify: FastifyInstance | undefined;

  constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

  /** Nest calls it before it makes the routes. */
  configure(): void {
    if (this.host.httpAdapter.getType() !== 'fastify') {
      throw new Error(
        'Assent needs @nestjs/platform-fastify: its checks before a body is read are hooks of Fastify, which this application’s adapter doesn’t have.',
      );
    }
    const fastify: FastifyInstance = this.host.httpAdapter.getInstance();
    this.fastify = fastify;
    fastify.addHook('onRoute', (route) => {
      if (!isBound(route)) return;
      protectRoute(route);
      this.addresses.add(route);
    });
  }

  /** Nest calls it when all routes are there. */
  onModuleInit(): void {
    if (this.fastify) this.addresses.refuseOtherMethods(this.fastify);
  }
}
