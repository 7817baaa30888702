import { type DynamicModule, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SnakeCase } from './columns.js';

/** Settings of every connection that serves: instants in UTC, and nothing may hang for ever. */
export const SERVING_OPTIONS = '-c TimeZone=UTC -c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s';

@Module({})
export class DatabaseModule {
  static register(url: string, poolSize: number): DynamicModule {
    return {
      module: DatabaseModule,
      imports: [
        TypeOrmModule.forRoot({
          type: 'postgres',
          url,
          autoLoadEntities: true,
          // Migrations are hand-written SQL: no decorator knows a temporal key.
          synchronize: false,
          namingStrategy: new SnakeCase(),
          poolSize,
          retryAttempts: 0,
          applicationName: 'assent',
          // Statements that don't wait for one another share a round trip.
          extra: { options: SERVING_OPTIONS, connectionTimeoutMillis: 10_000, pipeline: true },
        }),
      ],
    };
  }
}
