import { readFileSync } from 'node:fs';
import { type INestApplicationContext, RequestMethod } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AssentModule } from '../../src/assent.module.js';
import { ALLOW, ANY_STATE, PUBLIC, SHOWN_ONCE } from '../../src/common/context.js';
import { HealthModule } from '../../src/health/health.module.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

interface Handler {
  readonly route: string;
  readonly permission: string | undefined;
  readonly isPublic: boolean;
  readonly anyState: boolean;
  readonly shownOnce: boolean;
  readonly method: string;
}

let database: TestDatabase;
let app: INestApplicationContext;
let handlers: Handler[];
beforeAll(async () => {
  database = await createDatabase();
  // As another NestJS application would import it.
  const options = { database, secret: 'x'.repeat(32), baseUrl: 'http://localhost:3000' };
  const module = await Test.createTestingModule({
    imports: [DiscoveryModule, AssentModule.forRoot(options), HealthModule],
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
            anyState: reflector.getAllAndOverride<boolean | undefined>(ANY_STATE, targets) ?? false,
            isPublic: reflector.getAllAndOverride<boolean | undefined>(PUBLIC, targets) ?? false,
            shownOnce: reflector.getAllAndOverride<boolean | undefined>(SHOWN_ONCE, targets) ?? false,
            method: RequestMethod[Reflect.getMetadata('method', prototype[name] as object) as number] ?? '',
          };
        });
    });
}

describe('the table of permissions', () => {
  it('is complete: every route says who may call it', () => {
    expect(
      handlers.filter(({ permission, isPublic, anyState }) => [permission !== undefined, isPublic, anyState].filter(Boolean).length !== 1),
    ).toEqual([]);
  });

  it('leaves nothing public but health, the way in and the log’s signed state', () => {
    expect(
      handlers
        .filter(({ isPublic }) => isPublic)
        .map(({ route }) => route)
        .sort(),
    ).toEqual([
      'HealthController.isLive',
      'HealthController.isReady',
      'LogController.getCheckpoint',
      'SignInController.acceptInvitation',
      'SignInController.forgetPassword',
      'SignInController.openInvitation',
      'SignInController.resetPassword',
      'SignInController.signIn',
      'SignInController.signInWithPasskey',
      'SignInController.signOut',
      'SignInController.startPasskeySignIn',
      'SsoController.finishSso',
      'SsoController.listSsoProviders',
      'SsoController.startSso',
    ]);
  });

  it('lets a session that isn’t complete go on, set up its first factor, and nothing else', () => {
    expect(
      handlers
        .filter(({ anyState }) => anyState)
        .map(({ route }) => route)
        .sort(),
    ).toEqual([
      'MeController.addPasskey',
      'MeController.confirmTotp',
      'MeController.enrolTotp',
      'MeController.startPasskey',
      'SignInController.chooseClinic',
      'SignInController.getLogin',
      'SignInController.lock',
      'SignInController.startPasskeyVerification',
      'SignInController.verify',
      'SignInController.verifyWithPasskey',
    ]);
  });

  it('has a row for every permission that a route asks for, and a route for every row', async () => {
    const rows = await app
      .get<DataSource>(getDataSourceToken('assent'))
      .query<{ permission: string }[]>('SELECT DISTINCT permission FROM app.permissions');
    const asked = new Set(handlers.flatMap(({ permission }) => permission ?? []));
    expect(rows.map(({ permission }) => permission).sort()).toEqual([...asked].sort());
  });
});

interface Operation {
  readonly operationId: string;
  readonly parameters?: object[];
  readonly responses: Record<string, object>;
}

/** Fields of answers that open something. */
const SECRET = /^(key|link|recoveryCodes|secret|token|password|uri)$/;

describe('a request that changes something', () => {
  const { paths, components } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, { properties: object }> };
  };
  const described = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .filter(({ parameters }) => JSON.stringify(parameters ?? []).includes('#/components/parameters/IdempotencyKey'));
  const names = (some: Handler[]) => some.map(({ route }) => route.split('.')[1] ?? '').sort();

  it('is described as safe to repeat, if it isn’t about the login session itself', () => {
    const changing = handlers.filter(({ permission, method }) => permission !== undefined && method !== 'GET');
    expect(described.map(({ operationId }) => operationId).sort()).toEqual(names(changing));
  });

  it('has its answer kept, unless that holds a secret', () => {
    expect(names(handlers.filter(({ shownOnce }) => shownOnce))).toEqual([
      'createKey',
      'inviteStaff',
      'renewInvitation',
      'renewRecoveryCodes',
    ]);
    const holdsSecret = ({ responses }: Operation) => {
      const [, schema = ''] = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(responses['201'] ?? responses['200'] ?? {})) ?? [];
      return Object.keys(components.schemas[schema]?.properties ?? {}).some((field) => SECRET.test(field));
    };
    const secret = described.filter(holdsSecret).map(({ operationId }) => operationId);
    expect(secret.sort()).toEqual(names(handlers.filter(({ shownOnce }) => shownOnce)));
  });
});
