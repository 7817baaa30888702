import type { Client } from 'pg';
import type { Login, Passwords } from './cluster.js';

export const DATABASE = 'assent';

const ROLES: Readonly<Record<Exclude<Login, 'postgres'>, string>> = {
  assent_owner: 'CREATEROLE',
  assent_app: 'NOCREATEROLE',
  assent_identity: 'NOCREATEROLE',
  assent_sealer: 'NOCREATEROLE',
};

/**
 * Brings the cluster to where an administrator hands over a database server: an owner who migrates and three roles that
 * serve, a database, and nothing for anybody else. The migrations do the rest. Does no harm when repeated.
 */
export async function provision(superuser: Client, passwords: Passwords): Promise<void> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles UNION ALL SELECT datname FROM pg_database WHERE datname = $1`,
    [DATABASE],
  );
  const existing = new Set(rows.map(({ name }) => name));
  const roles = Object.entries(ROLES) as [keyof typeof ROLES, string][];
  for (const [role, rights] of roles) {
    await superuser.query(
      `${existing.has(role) ? 'ALTER' : 'CREATE'} ROLE ${role}
       LOGIN NOSUPERUSER NOCREATEDB ${rights} NOREPLICATION NOBYPASSRLS
       PASSWORD ${superuser.escapeLiteral(passwords[role])}`,
    );
  }
  if (!existing.has(DATABASE)) await superuser.query(`CREATE DATABASE ${DATABASE} OWNER assent_owner`);
  await superuser.query(`
    -- As if the owner had created them itself, which is what it does on a server of the clinic's own.
    GRANT assent_app, assent_identity, assent_sealer TO assent_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
    REVOKE ALL     ON DATABASE ${DATABASE}, postgres, template1 FROM PUBLIC;
    GRANT  CONNECT ON DATABASE ${DATABASE} TO assent_owner, assent_app, assent_identity, assent_sealer;
  `);
}

/**
 * Takes from every role what PostgreSQL grants to all: to see what other sessions of the same role are doing, and to create large objects,
 * which belong to no table and have no rules. Such rights are kept in each database.
 */
export async function restrictPublic(superuser: Client): Promise<void> {
  await superuser.query(`
    REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer) FROM PUBLIC;
    GRANT  EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer) TO pg_read_all_stats;
    REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC;
  `);
}
