import { DefaultNamingStrategy, type NamingStrategyInterface, type ValueTransformer } from 'typeorm';

/** PostgreSQL's names are snake_case, ours camelCase. */
export class SnakeCase extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}

/** A half-open period. Null: open-ended on that side. */
export interface Period {
  readonly from: Date | null;
  readonly until: Date | null;
}

/** Reads a tstzrange. The session's time zone is UTC (see database.module.ts), so that instants end in +00. */
export const period: ValueTransformer = {
  from(range: string | null): Period | null {
    if (range === null) return null;
    const [from, until] = range.slice(1, -1).split(',').map(instant);
    return { from: from ?? null, until: until ?? null };
  },
  to(value: unknown): unknown {
    return value;
  },
};

/** As `period`, where there may be none yet. */
export const periodOrEmpty: ValueTransformer = {
  from: (range: string): unknown => (range === 'empty' ? range : period.from(range)),
  to: (value: unknown): unknown => value,
};

function instant(bound: string): Date | null {
  return bound === '' ? null : new Date(`${bound.replaceAll('"', '').replace(' ', 'T')}:00`);
}

/** A column that the database fills; the application has no right to write it. */
export const DERIVED = { insert: false, update: false } as const;
