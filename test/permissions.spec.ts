import { type INestApplicationContext } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AssentModule } from '../src/assent.module.js';
import { ALLOW, PUBLIC } from '../src/common/context.js';
import { createDatabase, type TestDatabase } from './support/database.js';

interface Handler {
  readonly route: string;
  readonly permission: string | undefined;
  readonly isPublic: boolean;
}

let database: TestDatabase;
let app: INestApplicationContext;
let handlers: Handler[];
beforeAll(async () => {
  database = await createDatabase();
  // As another NestJS application would import it.
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule, AssentModule.register({ databaseUrl: database.app, poolSize: 2 })],
  }).compile();
  app = await module.init();
  handlers = handlersOf(app);
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

/** Every method of a controller that answers a route. */
function handlersOf(context: INestApplicationContext): Handler[] {
  const reflector = context.get(Reflector, { strict: false });
  const scanner = new MetadataScanner();
  return context
    .get(DiscoveryService)
    .getControllers()
    .flatMap(({ instance, metatype }) => {
      const prototype = Object.getPrototypeOf(instance) as Record<string, () => unknown>;
      return scanner
        .getAllMethodNames(prototype)
        .filter((name) => Reflect.hasMetadata('path', prototype[name] as object))
        .map((name) => {
          const targets = [prototype[name] as () => unknown, metatype as () => unknown];
          return {
            route: `${metatype?.name}.${name}`,
            permission: reflector.getAllAndOverride<string | undefined>(ALLOW, targets),
            isPublic: reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) ?? false,
          };
        });
    });
}

describe('the table of permissions', () => {
  it('is complete: every route says who may call it, and nothing but health is public', () => {
    expect(handlers.filter(({ permission, isPublic }) => permission === undefined && !isPublic)).toEqual([]);
    expect(handlers.filter(({ isPublic }) => isPublic).map(({ route }) => route)).toEqual([
      'HealthController.isLive',
      'HealthController.isReady',
    ]);
  });

  it('has a row for every permission that a route asks for, and a route for every row', async () => {
    const rows = await app.get(DataSource).query<{ permission: string }[]>('SELECT DISTINCT permission FROM app.permissions');
    const asked = new Set(handlers.flatMap(({ permission }) => permission ?? []));
    expect(rows.map(({ permission }) => permission).sort()).toEqual([...asked].sort());
  });
});
