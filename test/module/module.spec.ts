import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import { Sso } from '../../src/identity/sso.service.js';
import { AssentModule } from '../../src/index.js';
import { newKey } from '../../src/log/format/keys.js';
import { copyDatabase, type TestDatabase, withClient, withDatabase } from '../support/database.js';

@Module({})
class Settings {}

/** With options that come from another module of the application. */
function assentOn(database: TestDatabase) {
  const key = newKey('clinic.example/log', 'note');
  return AssentModule.forRootAsync({
    prefix: 'care',
    imports: [{ module: Settings, providers: [{ provide: 'url', useValue: 'http://localhost:3000' }], exports: ['url'] }],
    inject: ['url'],
    useFactory: (baseUrl: string) => ({ database, secret: 'x'.repeat(32), baseUrl, log: { dataDir: database.dataDir, key } }),
  });
}

async function connectedTo(database: TestDatabase): Promise<string[]> {
  return withClient(database.superuser, async (client) => {
    const { rows } = await client.query<{ usename: string }>(
      `SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'assent_%' ORDER BY 1`,
    );
    return rows.map(({ usename }) => usename);
  });
}

describe('an application that imports Assent', () => {
  it('connects when it starts, leaves the DataSource without a name to others, and disconnects when it is closed', async () => {
    await withDatabase({}, async (database) => {
      const app = await NestFactory.create(assentOn(database), new FastifyAdapter(), { logger: false, abortOnError: false });
      await app.init();
      expect(await connectedTo(database)).toContain('assent_app');
      // A provider of single sign-on is told an address that is there.
      const addresses = Object.values(app.get(Sso, { strict: false }).urls('x'));
      expect(addresses).toEqual(['http://localhost:3000/care/auth/sso/callback', 'http://localhost:3000/care/auth/sso/x']);
      expect(() => app.get(DataSource, { strict: false })).toThrow('could not find DataSource');
      await app.close();
      // PostgreSQL copies a database only when nobody is connected, and waits a few seconds for those who leave.
      await (await copyDatabase(database)).drop();
    });
  });

  it('doesn’t start on another adapter than Fastify’s, and says why', async () => {
    class OtherAdapter extends FastifyAdapter {
      override getType(): string {
        return 'express';
      }
    }
    await withDatabase({}, async (database) => {
      const app = await NestFactory.create(assentOn(database), new OtherAdapter(), { logger: false, abortOnError: false });
      await expect(app.init()).rejects.toThrow('Assent needs @nestjs/platform-fastify');
      await app.close();
    });
  });
});
