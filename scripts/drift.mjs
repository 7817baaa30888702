// node scripts/drift.mjs            compares openapi.json with the code, and the entities with the migrated schema
// node scripts/drift.mjs --write    writes openapi.json
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { prepare, root } from './prepare.mjs';

await prepare();
const { startEmbedded } = await import('../dist/database/embedded.js');
const { migrate } = await import('../dist/database/migrate.js');
const { createServer } = await import('../dist/server.js');
const { describeApi } = await import('../dist/openapi/describe-api.js');
const { getDataSourceToken } = await import('@nestjs/typeorm');

const dataDir = await mkdtemp(join(tmpdir(), 'assent-drift-'));
const postgres = await startEmbedded({ dataDir, settings: { fsync: 'off' } });
try {
  const database = { owner: postgres.ownerUrl, app: postgres.appUrl, identity: postgres.identityUrl, sealer: postgres.sealerUrl };
  await migrate(database);
  const app = await createServer({
    database,
    poolSize: 2,
    secret: 'x'.repeat(32),
    baseUrl: 'http://localhost',
    trustProxy: [],
    logLevel: 'warn',
  });
  const entities = await entityDrift(app.get(getDataSourceToken('assent')));
  const problems = [...(await nameClashes()), ...(await openApiDrift(describeApi(app))), ...entities];
  await app.close();
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}

/** The description knows a class by its name alone: of two it has one, which then describes both. */
async function nameClashes() {
  const places = new Map();
  for (const file of await readdir(join(root, 'src'), { recursive: true })) {
    if (!file.endsWith('.dto.ts')) continue;
    for (const [, name] of (await readFile(join(root, 'src', file), 'utf8')).matchAll(/^export class (\w+)/gm)) {
      places.set(name, [...(places.get(name) ?? []), file]);
    }
  }
  return [...places].flatMap(([name, files]) => (files.length > 1 ? [`${name} is the name of a class in ${files.join(' and in ')}`] : []));
}

async function openApiDrift(document) {
  const file = join(root, 'openapi.json');
  const text = `${JSON.stringify(document, null, 2)}\n`;
  if (process.argv.includes('--write')) {
    await writeFile(file, text);
    return [];
  }
  const committed = await readFile(file, 'utf8').catch(() => '');
  return committed.replaceAll('\r\n', '\n') === text ? [] : ['openapi.json differs from the code: run "npm run openapi" and commit it.'];
}

/** TypeORM knows columns that the migrations must have, with the same type and nullability. */
async function entityDrift(dataSource) {
  const client = new Client({ connectionString: postgres.ownerUrl });
  await client.connect();
  const { rows } = await client.query(`
    SELECT table_schema || '.' || table_name || '.' || column_name AS name, is_nullable = 'YES' AS nullable,
           CASE data_type WHEN 'ARRAY' THEN ltrim(udt_name, '_') || '[]' WHEN 'timestamp with time zone' THEN 'timestamptz' ELSE data_type END AS type
      FROM information_schema.columns WHERE table_schema IN ('app', 'auth', 'audit')`);
  await client.end();
  const columns = new Map(rows.map((row) => [row.name, row]));
  return dataSource.entityMetadatas.flatMap((entity) =>
    entity.columns.flatMap((column) => {
      if (column.isVirtualProperty) return [];
      const name = `${entity.tablePath}.${column.databaseName}`;
      const type = `${dataSource.driver.normalizeType(column)}${column.isArray ? '[]' : ''}`.replace(
        'timestamp with time zone',
        'timestamptz',
      );
      const found = columns.get(name);
      if (!found) return [`${name} is in ${entity.name} and not in the database`];
      if (found.type !== type) return [`${name} is ${found.type} in the database and ${type} in ${entity.name}`];
      if (found.nullable !== column.isNullable)
        return [`${name}: ${found.nullable ? '' : 'not '}nullable in the database, unlike in ${entity.name}`];
      return [];
    }),
  );
}
