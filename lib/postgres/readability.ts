import { permissionDenied, rowsHidden } from "./findings/servers.ts";
import type { Sql } from "./connection/connect.ts";
import type { DumpSelection } from "./dump_selection.ts";

/**
 * Makes sure that this role reads every row of the database, before anything is dumped.
 *
 * @param sql A connection.
 * @param enableRowSecurity The caller accepts that row security filters.
 * @param selection What of the database is read; all of it without one.
 * @returns The tables that row security filters for this role; empty unless the caller accepts it.
 * @throws {OperatorError} `PERMISSION_DENIED` or `ROWS_HIDDEN`, naming all tables and sequences, not the first.
 */
export async function requireReadable(
  sql: Sql,
  enableRowSecurity: boolean,
  selection?: DumpSelection,
): Promise<string[]> {
  const all = await sql<{ oid: number; name: string; isDenied: boolean; isFiltered: boolean }[]>`
    SELECT
      pg_class.oid::int8::float8 AS oid,
      format('%I.%I', nspname, relname) AS name,
      NOT (has_schema_privilege(namespace.oid, 'USAGE') AND CASE relkind
        WHEN 'S' THEN has_sequence_privilege(pg_class.oid, 'SELECT')
        ELSE has_table_privilege(pg_class.oid, 'SELECT')
      END) AS "isDenied",
      relkind IN ('r', 'p') AND row_security_active(pg_class.oid) AS "isFiltered"
    FROM pg_class
    JOIN pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'S') AND relpersistence <> 't'
      AND nspname !~ '^pg_' AND nspname <> 'information_schema'
      AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e'
      )
    ORDER BY nspname, relname`;
  const relations = all.filter(({ oid }) => !selection?.leftOut.has(oid));
  const denied = relations.filter(({ isDenied }) => isDenied).map(({ name }) => name);
  if (denied.length > 0) throw permissionDenied.relations.error({ names: denied });
  if (selection === undefined || selection.by === "exclusions") await requireReadableLargeObjects(sql);
  const filtered = relations.filter(({ isFiltered }) => isFiltered).map(({ name }) => name);
  if (filtered.length > 0 && !enableRowSecurity) throw rowsHidden.relations.error({ names: filtered });
  return filtered;
}

/** pg_read_all_data does not reach them. */
async function requireReadableLargeObjects(sql: Sql): Promise<void> {
  const [{ count, first }] = await sql<{ count: number; first: string | null }[]>`
    SELECT count(*)::int4 AS count, min(m.oid)::text AS first
    FROM pg_largeobject_metadata AS m
    WHERE current_setting('is_superuser') = 'off' AND current_setting('lo_compat_privileges') = 'off'
      AND NOT pg_has_role(m.lomowner, 'USAGE')
      AND NOT EXISTS (
        SELECT FROM aclexplode(m.lomacl) AS a
        WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE'))
      )`;
  if (count > 0) throw permissionDenied.largeObjects.error({ count, first: first! });
}
