import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { InjectDataSource, TypeOrmModule } from '@nestjs/typeorm';
import { SnakeCase } from './columns.js';

/** The name of Assent's DataSource: the one without a name is the application's that imports Assent. */
export const DATA_SOURCE = 'assent';

export const InjectDatabase = (): ParameterDecorator => InjectDataSource(DATA_SOURCE);

/** The entities of a subject, for its module's imports. */
export const entities = (...classes: Type[]): DynamicModule => TypeOrmModule.forFeature(classes, DATA_SOURCE);

/** Settings of every connection that serves: instants in UTC, nothing may hang for ever, and no value of a statement stands in PostgreSQL's log. */
export const SERVING_OPTIONS =
  '-c TimeZone=UTC -c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c log_parameter_max_length_on_error=0';

/** How every connection of a server behaves towards a PostgreSQL that is silent or slow. */
export const CONNECTION_OPTIONS = {
  connectionTimeoutMillis: 10_000,
  // Of a server that is silent. One that works ends a statement itself, earlier.
  query_timeout: 20_000,
  keepAlive: true,
  keepAliveInitialDelayMillis: 10_000,
  // Statements that don't wait for one another share a round trip, and their values are parameters of the protocol. A statement that
  // isn't answered in time costs the connection, so that none is used with an answer outstanding.
  pipeline: true,
};

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
        extra: { ...CONNECTION_OPTIONS, options: SERVING_OPTIONS },
      }),
    }),
  ],
})
export class DatabaseModule {}
