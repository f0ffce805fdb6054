import type { Sql } from "./connection/connect.ts";
import type { ConnectionParameters } from "./connection/connection_parameters.ts";
import { readArchiveContents } from "./archive_contents.ts";

/** Statements in one go; thousands of roles are made in a few. */
const atATime = 500;

/** Makes roles, unless they are there: none can log in or has any right. Postgres's own are left alone. */
export async function makeRoles(sql: Sql, roles: readonly string[]): Promise<void> {
  const statements = await sql<{ statement: string }[]>`
    SELECT DISTINCT format('CREATE ROLE %I', role) AS statement
    FROM json_array_elements_text(${JSON.stringify(roles)}::text::json) AS role
    WHERE role !~ '^pg_' AND role NOT IN (SELECT rolname FROM pg_roles)`;
  await runAll(sql, statements.map(({ statement }) => statement));
}

/** A role, as far as it says what it may do with what others own. */
export interface RoleRights {
  name: string;
  is_superuser?: true;
  bypasses_row_security?: true;
  does_not_inherit?: true;
  member_of?: { role: string; inherits: boolean; is_admin?: true }[];
}

/** Gives roles of a throwaway cluster the memberships that they had at the source, as far as both roles are there. */
export async function makeMemberships(sql: Sql, roles: readonly RoleRights[]): Promise<void> {
  const statements = await sql<{ statement: string }[]>`
    WITH given AS (
      SELECT r.*, own.oid AS id
      FROM json_to_recordset(${JSON.stringify(roles)}::text::json)
        AS r (name text, does_not_inherit boolean, member_of json)
      JOIN pg_roles AS own ON own.rolname = r.name AND NOT own.rolsuper
    )
    SELECT format('ALTER ROLE %I NOINHERIT', name) AS statement FROM given WHERE does_not_inherit AND name !~ '^pg_'
    UNION ALL
    SELECT format('GRANT %I TO %I', m.role, g.name) || CASE
      WHEN current_setting('server_version_num')::integer >= 160000
        THEN format(' WITH INHERIT %s, ADMIN %s', m.inherits::text, coalesce(m.is_admin, false)::text)
      WHEN m.is_admin THEN ' WITH ADMIN OPTION' ELSE ''
    END
    FROM given AS g
    CROSS JOIN LATERAL json_to_recordset(g.member_of) AS m (role text, inherits boolean, is_admin boolean)
    JOIN pg_roles AS granted ON granted.rolname = m.role
    -- Who owns the database is a member of it by that, and no other role can be.
    WHERE m.role <> 'pg_database_owner' AND g.member_of IS NOT NULL
      -- Those among Postgres's own roles are the version's.
      AND NOT EXISTS (
        SELECT FROM pg_auth_members AS have
        WHERE have.roleid = granted.oid AND have.member = g.id AND g.name ~ '^pg_'
      )`;
  await runAll(sql, statements.map(({ statement }) => statement));
}

/** In one transaction each portion, as one statement after the other. */
async function runAll(sql: Sql, statements: string[]): Promise<void> {
  for (let start = 0; start < statements.length; start += atATime) {
    await sql.unsafe(statements.slice(start, start + atATime).join(";\n")).simple();
  }
}

/**
 * Ends what owners were given for the restore: from now on roles of a throwaway cluster may do what they could at the
 * source. Who was a superuser there keeps it, as the rows that its views read would be missing.
 *
 * @param owner The database's.
 */
export async function settleRoles(sql: Sql, roles: readonly RoleRights[], owner: string): Promise<void> {
  const statements = await sql<{ statement: string }[]>`
    WITH known AS (
      SELECT r.name, r.is_superuser, r.bypasses_row_security, r.member_of::jsonb
      FROM json_to_recordset(${JSON.stringify(roles)}::text::json)
        AS r (name text, is_superuser boolean, bypasses_row_security boolean, member_of json)
    ),
    ours AS (
      SELECT r.oid AS id, r.rolname, r.rolbypassrls, k.bypasses_row_security, k.member_of
      FROM pg_roles AS r
      LEFT JOIN known AS k ON k.name = r.rolname
      WHERE NOT r.rolsuper AND NOT r.rolcanlogin AND r.rolname !~ '^pg_' AND k.is_superuser IS NOT TRUE
    )
    SELECT format(
      'ALTER ROLE %I %s', rolname, CASE WHEN bypasses_row_security THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END
    ) AS statement
    FROM ours WHERE rolbypassrls IS DISTINCT FROM coalesce(bypasses_row_security, false)
    UNION ALL
    SELECT format('REVOKE %I FROM %I', granted.rolname, o.rolname)
    FROM ours AS o
    JOIN pg_auth_members AS m ON m.member = o.id
    JOIN pg_roles AS granted ON granted.oid = m.roleid
    WHERE granted.rolname IN ('pg_read_all_data', 'pg_write_all_data')
      AND NOT coalesce(o.member_of, '[]') @> jsonb_build_array(jsonb_build_object('role', granted.rolname))
    UNION ALL
    SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), rolname) FROM pg_roles WHERE rolname = ${owner}`;
  await runAll(sql, statements.map(({ statement }) => statement));
}

const name = "pgrehearse_reader";

/**
 * Makes a role that may read every row and do nothing else, for code that came with a dump.
 *
 * @param sql A superuser's connection to a throwaway cluster, which lets every role in.
 * @returns How it connects to the same database.
 */
export async function makeReader(sql: Sql, parameters: ConnectionParameters): Promise<ConnectionParameters> {
  const [made] = await sql`SELECT FROM pg_roles WHERE rolname = ${name}`;
  if (!made) await sql`CREATE ROLE ${sql(name)} LOGIN BYPASSRLS IN ROLE pg_read_all_data`;
  return { ...parameters, user: name, password: undefined };
}

/**
 * Makes the roles that own something in an archive, in a cluster of ours: none can log in or is a superuser.
 * Each reads and writes every row, as the superuser could that it may have been; grants are not restored.
 *
 * @returns Whether all are there: before PostgreSQL 14 no role can be given as much.
 */
export async function makeOwners(sql: Sql, archive: string): Promise<boolean> {
  const contents = await readArchiveContents(archive);
  const [{ canRead }] = await sql<{ canRead: boolean }[]>`
    SELECT current_setting('server_version_num')::integer >= 140000 AS "canRead"`;
  if (!contents || !canRead) return false;
  const owners = [...new Set(contents.map(({ owner }) => owner))].filter(Boolean);
  const statements = await sql<{ statement: string }[]>`
    SELECT statement
    FROM json_array_elements_text(${JSON.stringify(owners)}::text::json) AS owner
    LEFT JOIN pg_catalog.pg_roles ON rolname = owner
    CROSS JOIN LATERAL (
      VALUES
        (1, CASE WHEN rolname IS NULL THEN format('CREATE ROLE %I', owner) END),
        (2, format('ALTER ROLE %I BYPASSRLS', owner)),
        (3, format('GRANT pg_read_all_data, pg_write_all_data TO %I', owner))
    ) AS made (place, statement)
    WHERE statement IS NOT NULL AND owner !~ '^pg_' AND rolsuper IS NOT TRUE
    ORDER BY owner, place`;
  for (const { statement } of statements) await sql.unsafe(statement);
  return true;
}
