import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { SnakeCase } from './columns.js';

/** The name of Assent's DataSource: the one without a name is the application's that imports Assent. */
export const DATA_SOURCE = 'assent';

export const InjectDatabase = (): ParameterDecorator => InjectDataSource(DATA_SOURCE);

/** The entities of a subject, for its module's imports. */
export const entities = (...classes: Type[]): DynamicModule => TypeOrmModule.forFeature(classes, DATA_SOURCE);

/** Settings of every connection that serves: instants in UTC, and nothing may hang for ever. */
export const SERVING_OPTIONS = '-c TimeZone=UTC -c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s';

export const DATABASE_OPTIONS = Symbol('database options');

export interface DatabaseOptions {
  /** As the role `assent_app`. */
  readonly url: string;
  readonly poolSize: number;
}

@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      name: DATA_SOURCE,
      inject: [DATABASE_OPTIONS],
      useFactory: ({ url, poolSize }: DatabaseOptions) => ({
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
    }),
  ],
})
export class DatabaseModule {}
