import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

/** Inserts one row and returns it as the database completed it: ids, instants, everything derived or computed. */
export async function insert<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: EntityTarget<T>,
  values: QueryDeepPartialEntity<T>,
): Promise<T> {
  const query = tx.createQueryBuilder().insert().into(entity).values(values).updateEntity(false);
  const result = await query.returning(everyColumn(tx, entity)).execute();
  const [row] = result.raw as ObjectLiteral[];
  return hydrate(tx, entity, row ?? {});
}

/** Changes one row, and returns it as the database completed it. Undefined: there is no such row, or it isn't the caller's to change. */
export async function update<T extends ObjectLiteral>(
  tx: EntityManager,
  entity: EntityTarget<T>,
  where: Partial<T>,
  changes: QueryDeepPartialEntity<T>,
): Promise<T | undefined> {
  const query = tx.createQueryBuilder().update(entity).set(changes).where(where).updateEntity(false);
  const result = await query.returning(everyColumn(tx, entity)).execute();
  const [row] = result.raw as ObjectLiteral[];
  return row && hydrate(tx, entity, row);
}

/** Computed ones too. */
function everyColumn<T extends ObjectLiteral>(tx: EntityManager, entity: EntityTarget<T>): string {
  const { columns, tableName } = tx.connection.getMetadata(entity);
  const computed = columns.flatMap(({ query, databaseName }) => (query ? [`${query(tableName)} AS ${databaseName}`] : []));
  return ['*', ...computed].join(', ');
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
