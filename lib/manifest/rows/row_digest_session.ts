import type { Sql } from "../../postgres/connection/connect.ts";
import { lockTimeout, permissionDenied, relationReplaced, rowsHidden } from "../../postgres/findings/servers.ts";
import { findRenamed } from "../../postgres/table_locks.ts";
import { tableChanged } from "../findings.ts";

/**
 * What the text of a value depends on, pinned: two servers must write the same value alike.
 *
 * JIT compiles a table of 1,600 columns for longer than it reads it.
 */
const exactSettings = `
  SET LOCAL search_path = '';
  SET LOCAL "DateStyle" = 'ISO, YMD';
  SET LOCAL "IntervalStyle" = 'postgres';
  SET LOCAL "TimeZone" = 'UTC';
  SET LOCAL extra_float_digits = 3;
  SET LOCAL bytea_output = 'hex';
  SET LOCAL lc_monetary = 'C';
  SET LOCAL quote_all_identifiers = off;
  SET LOCAL constraint_exclusion = off;
  SET LOCAL jit = off;`;

const begin = `SAVEPOINT pgrehearse_read; ${exactSettings}`;
const end = `ROLLBACK TO SAVEPOINT pgrehearse_read; RELEASE SAVEPOINT pgrehearse_read`;

/**
 * Runs one query with every setting pinned that its result could depend on, and lets go of its locks afterwards.
 *
 * Each table read leaves locks on it and its indexes until the transaction ends, and the server's lock table has room
 * for some 6,400 at default settings; rolling back to a savepoint releases them and keeps the snapshot. The transaction
 * goes on after a failure, too.
 *
 * @param sql A connection inside a transaction; one query at a time.
 * @param settings Further `SET LOCAL` commands for this query.
 * @throws {OperatorError} `ROWS_HIDDEN`, `PERMISSION_DENIED`, `LOCK_TIMEOUT`, `TABLE_CHANGED`.
 */
export async function readExactly<Row extends object>(sql: Sql, query: string, settings = ""): Promise<Row[]> {
  // One round trip. The driver returns a result for each command that has rows, and for the first one.
  return await guarded(sql, async () => {
    const results = await sql.unsafe(`${begin} ${settings} ${query}; ${end}`);
    return results.at(-1) as unknown as Row[];
  });
}

/** A relation that a query reads by its name. */
export interface ReadRelation {
  oid: number;
  schema: string;
  name: string;
  /** @default {"table"} */
  kind?: "table" | "materialized view" | "sequence";
}

/**
 * The same for a query that reads relations of users: each is locked, and must still be what it was when it was listed.
 *
 * Tables are locked since before the snapshot, but a schema can be renamed nevertheless. A materialized view and a
 * sequence are locked only here, for as long as they are read, or a REFRESH would wait for the whole backup, and whoever
 * reads the view for that REFRESH.
 *
 * @throws {OperatorError} `RELATION_REPLACED`, naming them, and as {@linkcode readExactly}.
 */
export async function readRelations<Row extends object>(
  sql: Sql,
  relations: readonly ReadRelation[],
  query: string,
  settings = "",
): Promise<Row[]> {
  try {
    return await readExactly<Row>(sql, query, `${settings} ${relations.map(lockOf).join(" ")} ${guardOf(relations)}`);
  } catch (error) {
    const named = relations.map(({ oid, schema, name }) => ({ oid, name: `${quoted(schema)}.${quoted(name)}` }));
    const gone = await findRenamed(sql, named).catch(() => []);
    throw gone.length > 0 ? relationReplaced.error({ names: gone }, { cause: error }) : error;
  }
}

/** TABLESAMPLE is refused for a view, on every server, before anything of it runs; a sequence is locked by its OID. */
function lockOf({ oid, schema, name, kind = "table" }: ReadRelation): string {
  if (kind === "table") return "";
  if (kind === "sequence") return `SELECT pg_catalog.pg_sequence_last_value(${oid});`;
  return `SELECT FROM ${quoted(schema)}.${quoted(name)} TABLESAMPLE pg_catalog.system (0) LIMIT 0;`;
}

/** Fails, by a division by zero, where a name means another relation now. */
function guardOf(relations: readonly ReadRelation[]): string {
  const known = relations.map(({ oid, schema, name }) =>
    `(pg_catalog.to_regclass(${
      literal(`${quoted(schema)}.${quoted(name)}`)
    }) IS NOT DISTINCT FROM ${oid}::pg_catalog.oid)`
  );
  return known.length === 0 ? "" : `SELECT 1 / (${known.join(" AND ")})::pg_catalog.int4;`;
}

function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * The same for work that needs more than one query, such as a cursor.
 *
 * @throws {OperatorError} As {@linkcode readExactly}.
 */
export async function withExactSettings<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  return await guarded(sql, async () => {
    await sql.unsafe(begin);
    const result = await work();
    await sql.unsafe(end);
    return result;
  });
}

async function guarded<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // Fails where the connection is gone or the savepoint was never made; the first error says more.
    await sql.unsafe(end).catch(() => {});
    throw readError(error);
  }
}

/** Says what an operator can do about a read that failed; other errors travel as they are. */
function readError(error: unknown): unknown {
  const { code, message, routine } = error as { code?: string; message: string; routine?: string };
  const finding = code === "42501" && routine === "check_enable_rls"
    ? rowsHidden.reading
    : code === "42501"
    ? permissionDenied.reading
    : code === "55P03"
    ? lockTimeout.somewhere
    : code === "42P01" || code === "42703"
    ? tableChanged
    : undefined;
  return finding ? finding.error({ said: message }, { cause: error }) : error;
}
