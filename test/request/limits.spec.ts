import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Caller } from '../support/api.js';
import { makeClinic, type TestClinic } from '../support/make.js';
import { startServerProcess, type TestServer } from '../support/server.js';

// One request must not stop the server for everybody else. Whatever a field is sent, the event loop turns again within 50 ms.
const MOST_MS = 50;

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}
interface Operation {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}
const { paths, components } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

/** The fields of a body as a path of keys; a number is a place in a list. */
type Path = readonly (string | 0)[];

function fieldsOf(schema: Schema | undefined, path: Path = []): Path[] {
  if (!schema) return [path];
  if (schema.$ref) return fieldsOf(components.schemas[schema.$ref.split('/').at(-1) ?? ''], path);
  const inside = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((one) => fieldsOf(one, path));
  const named = Object.entries(schema.properties ?? {}).flatMap(([key, value]) => fieldsOf(value, [...path, key]));
  const listed = schema.items && path.length < 6 ? fieldsOf(schema.items, [...path, 0]) : [];
  return [...(path.length > 0 ? [path] : []), ...inside, ...named, ...listed];
}

function bodyWith(path: Path, value: unknown): object {
  return path.reduceRight((inner: unknown, key) => (key === 0 ? [inner] : { [key]: inner }), value) as object;
}

/** Under the limit of a body, 512 KiB. What takes more than its length would show at a third of that. */
const ROOM = 150_000;
const many = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);
function nested(depth: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** What costs most to normalise, compare, validate or name in an error, whatever a field is for. */
const WORST: Readonly<Record<string, unknown>> = {
  'combining marks': 'a' + '\u0301\u0323'.repeat(ROOM / 4),
  'marks in runs that are allowed': ('a' + '\u0323\u0301'.repeat(15)).repeat(ROOM / 61),
  'a language with many subtags': `en${'-abcdefgh'.repeat(ROOM / 9)}`,
  'an address with many dots': `a@${'a.'.repeat(ROOM / 2)}`,
  spaces: `x${' '.repeat(ROOM)}x`,
  'digits and hyphens': '1-'.repeat(ROOM / 2),
  'many texts': many(ROOM / 4, 'x'),
  'many objects': many(ROOM / 3, {}),
  'many lists': many(ROOM / 3, []),
};
/** The same of a body, wherever in it. */
const WORST_ANYWHERE: Readonly<Record<string, string>> = {
  'many points': JSON.stringify(many(500_000 / 6, [0, 0])),
  'deep lists': '['.repeat(250_000) + ']'.repeat(250_000),
  'many keys': JSON.stringify(Object.fromEntries(many(35_000, 0).map((_, index) => [`k${index}`, 0]))),
  'keys in many objects': JSON.stringify(many(190, Object.fromEntries(many(90, 0).map((_, index) => [`k${index}`, 'x'])))),
};

const NO_SUCH_ID = '00000000-0000-4000-8000-000000000000';
const routes = Object.entries(paths)
  .filter(([path]) => path.startsWith('/api/'))
  .flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: operation.operationId,
      method: method.toUpperCase(),
      path: path.replaceAll(/\{\w+\}/g, NO_SUCH_ID),
      fields: operation.requestBody ? fieldsOf(Object.values(operation.requestBody.content)[0]?.schema) : [],
      queries: (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map(({ name }) => name),
    })),
  );

let folder: string;
let server: TestServer;
let clinic: TestClinic;
let control: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'assent-turns-'));
  const file = join(folder, 'control');
  const preload = new URL('../support/longest-turn.mjs', import.meta.url).href;
  server = await startServerProcess({ env: { NODE_OPTIONS: `--import=${preload}`, LONGEST_TURN: file } });
  control = await readFile(file, 'utf8');
  clinic = await makeClinic(server);
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const longestTurn = async (): Promise<number> => Number(await (await fetch(control)).text());

/** Somebody who may call the route, so that what was sent is looked at. */
async function callerOf({ method, path }: (typeof routes)[number]): Promise<Caller> {
  for (const { api } of [clinic.administrator, clinic.practitioner, clinic.receptionist]) {
    const { status } = await (method === 'GET' ? api.get(path) : api.send(method, path, '{', { 'content-type': 'application/json' }));
    if (status !== 403) return api;
  }
  return new Caller(server.url);
}

/** The second of two turns counts, if the first was too long: code that ran for the first time had to be compiled. */
async function expectShortTurns(what: string, ask: () => Promise<unknown>): Promise<void> {
  let longest = Infinity;
  for (let round = 0; round < 3 && longest > MOST_MS; round++) {
    await longestTurn();
    await ask();
    longest = await longestTurn();
  }
  if (longest > MOST_MS) throw new Error(`${what}: ${longest} ms of processor time in one turn of the event loop`);
}

describe('the worst value in every field', () => {
  it.each(routes.filter(({ fields }) => fields.length > 0))('of $name leaves the event loop turning', async (route) => {
    const by = await callerOf(route);
    const fields = [...route.fields, ['surprise']];
    const tries = [
      ...Object.entries(WORST).flatMap(([kind, value]) => fields.map((field) => [kind, field, JSON.stringify(value)] as const)),
      ...Object.entries(WORST_ANYWHERE).flatMap(([kind, text]) => fields.slice(-2).map((field) => [kind, field, text] as const)),
    ];
    for (const [kind, field, text] of tries) {
      const body = JSON.stringify(bodyWith(field, '<>')).replace('"<>"', text);
      await expectShortTurns(`${field.join('.')}: ${kind}`, async () => {
        const { status } = await by.send(route.method, route.path, body, { 'content-type': 'application/json' });
        expect([kind, field, status >= 400 && status < 500]).toEqual([kind, field, true]);
      });
    }
  });

  it('of every query leaves the event loop turning', async () => {
    for (const route of routes.filter(({ queries }) => queries.length > 0)) {
      const by = await callerOf(route);
      for (const query of route.queries) {
        for (const value of ['a' + '\u0301\u0323'.repeat(600), `en${'-abcdefgh'.repeat(1_000)}`, 'a '.repeat(4_000)]) {
          await expectShortTurns(`${route.name} ${query}`, () =>
            by.get(`${route.path}?${query}=${encodeURIComponent(value).slice(0, 12_000)}`),
          );
        }
        await expectShortTurns(`${route.name} ${query}`, () => by.get(`${route.path}?${many(2_000, `${query}=x`).join('&')}`));
      }
    }
  });
});

describe('a limit', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'x'.repeat(10_001), 'givenName'],
    ['31 combining marks', `a${'\u0301'.repeat(31)}`, 'givenName'],
    ['a list', many(201, 'x'), 'givenName'],
    ['a deep list', nested(13), `givenName${'[0]'.repeat(11)}`],
    ['an object of many fields', Object.fromEntries(many(101, 0).map((_, index) => [`k${index}`, 0])), 'givenName'],
    ['a long key', { ['k'.repeat(101)]: 0 }, 'givenName'],
  ])('on %s is told at its field', async (_, value, field) => {
    const { status, body } = await clinic.practitioner.api.post('/api/patients', { givenName: value });
    expect([status, body.code, body.errors.map((error: { field: string }) => error.field)]).toEqual([400, 'malformed', [field]]);
  });

  it('leaves 30 combining marks, which no language needs, alone', async () => {
    const name = `a${'\u0301\u0323'.repeat(15)}`;
    const { status, body } = await clinic.practitioner.api.post('/api/patients', {
      givenName: name,
      familyName: 'x',
      birthDate: '1990-01-01',
    });
    expect([status, body.givenName]).toEqual([201, name.normalize('NFC')]);
  });
});
