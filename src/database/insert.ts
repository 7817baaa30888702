import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

/** Inserts one row and returns it as the database completed it: ids, instants, everything derived or computed. */
export async function insert<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: EntityTarget<T>,
  values: QueryDeepPartialEntity<T>,
): Promise<T> {
  const { columns, tableName } = tx.connection.getMetadata(entity);
  const computed = columns.flatMap(({ query, databaseName }) => (query ? [`${query(tableName)} AS ${databaseName}`] : []));
  const returning = ['*', ...computed].join(', ');
  const result = await tx.createQueryBuilder().insert().into(entity).values(values).updateEntity(false).returning(returning).execute();
  const [row] = result.raw as ObjectLiteral[];
  return hydrate(tx, entity, row ?? {});
}

/** Makes an entity of a raw row. */
export function hydrate<T extends ObjectLiteral>(tx: EntityManager, entity: EntityTarget<T>, row: ObjectLiteral): T {
  const { columns } = tx.connection.getMetadata(entity);
  return tx.create(
    entity,
    Object.fromEntries(
      columns.map((column) => [column.propertyName, tx.connection.driver.prepareHydratedValue(row[column.databaseName], column)]),
    ) as never,
  );
}
