import type { DataSource } from 'typeorm';
import type { Actor } from '../common/context.js';
import { AppError, Denial } from '../common/errors.js';

/** Who may call a route: holders of a permission, or any login session. Neither: nobody. */
export interface Access {
  /** The route's name in the API's description. */
  readonly operation: string;
  readonly permission: string | undefined;
  readonly anyState: boolean | undefined;
  /** An open page asks it by itself. */
  readonly watched: boolean | undefined;
  /** What the audit trail calls an act that the gate, or a duty to keep, may refuse. */
  readonly gate: string | undefined;
}

/** `role permission` → whether it needs a fresh authentication, from the one table in the database. */
export type Permissions = ReadonlyMap<string, boolean>;

export const PERMISSIONS = Symbol('permissions');

export async function readPermissions(dataSource: DataSource): Promise<Permissions> {
  const rows = await dataSource.query<{ role: string; permission: string; fresh: boolean }[]>(
    'SELECT role, permission, fresh FROM app.permissions',
  );
  return new Map(rows.map(({ role, permission, fresh }) => [`${role} ${permission}`, fresh]));
}

/** The same that row-level security decides from the same table; here it gets words. */
export function checkAccess({ state, machine, fresh, role }: Actor, { permission, anyState }: Access, permissions: Permissions): void {
  if (anyState && !machine) return;
  if (state === 'locked') {
    throw new AppError('login.locked', 401, 'The login is locked, because it was not used for a while.', {
      detail: 'Continue by confirming one factor: POST /api/auth/verify.',
    });
  }
  if (state === 'second_factor') {
    throw new Denial('second-factor-required', 403, 'A second factor is required.', {
      detail: 'Confirm it with POST /api/auth/verify, or set one up: POST /api/me/totp.',
    });
  }
  if (state === 'clinic') {
    throw new Denial('clinic-not-chosen', 403, 'No clinic is chosen.', {
      detail: 'Choose one of those in GET /api/auth/session, with POST /api/auth/clinic.',
    });
  }
  const needsFresh = permission === undefined ? undefined : permissions.get(`${role} ${permission}`);
  if (needsFresh === undefined)
    throw new Denial('forbidden', 403, 'You don’t have permission to do this.', { detail: `Your role is ${role}.` });
  if (machine && (needsFresh || permission?.startsWith('account.'))) {
    throw new Denial('not-for-machines', 403, 'Only a person can do this.', { detail: 'Sign in to do it; an API key isn’t enough.' });
  }
  if (needsFresh && !fresh) {
    throw new Denial('reauthentication-required', 403, 'Confirm that it is you.', {
      detail: 'Authenticate again with POST /api/auth/verify, then repeat the request.',
    });
  }
}
