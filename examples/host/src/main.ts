import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { AssentModule, migrate } from 'assent';
import type { FastifyReply } from 'fastify';
import { Badges, BadgesModule } from './badges.js';
import { HoursModule } from './hours.js';

const env = (name: string): string => process.env[name] ?? '';
const database = {
  owner: env('DATABASE_OWNER_URL'),
  app: env('DATABASE_URL'),
  identity: env('DATABASE_IDENTITY_URL'),
  sealer: env('DATABASE_SEALER_URL'),
};

/** The application's own words for every error of its own. */
@Catch()
class OwnErrors implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const status = error instanceof HttpException ? error.getStatus() : 500;
    void host.switchToHttp().getResponse<FastifyReply>().status(status).send({ sorry: status });
  }
}

@Module({
  imports: [
    HoursModule,
    BadgesModule,
    AssentModule.forRootAsync({
      prefix: 'care',
      imports: [BadgesModule],
      inject: [Badges],
      useFactory: (badges: Badges) => ({
        database,
        secret: env('AUTH_SECRET'),
        baseUrl: env('BASE_URL'),
        log: { dataDir: env('DATA_DIR') },
        authenticate: (request) => badges.userOf(request),
      }),
    }),
  ],
})
class SpineClinic {}

await migrate(database);
const app = await NestFactory.create<NestFastifyApplication>(SpineClinic, new FastifyAdapter(), { logger: ['error', 'warn'] });
app.useGlobalPipes(new ValidationPipe({ transform: true }));
app.useGlobalFilters(new OwnErrors());
app.enableShutdownHooks();
await app.listen(Number(env('PORT')));
console.log(`Listening on ${await app.getUrl()}`);
