import type { Sql } from "../postgres/connection/connect.ts";
import { checkColumnMissing, checkFoundNothing, checkNameInvalid, checkTableMissing } from "./findings.ts";
import type { Manifest } from "../manifest/manifest.ts";

/** A table, view or materialized view that a check looks at. */
interface CheckedTable {
  schema: string;
  name: string;
  oid: string;
  /** `schema.table`, quoted, for SQL. */
  sql: string;
  /** Its name alone, quoted: what an operator's SQL can qualify columns with. */
  alias: string;
}

/** A column that a check looks at. */
interface CheckedColumn {
  /** Quoted, for SQL. */
  sql: string;
  /** Such as `bigint`, without a modifier. */
  type: string;
}

/**
 * Finds a table by the name that an operator wrote, as SQL would find it in this session.
 *
 * @throws {OperatorError} `CHECK_TABLE_MISSING`
 */
export async function findTable(session: Sql, written: string): Promise<CheckedTable> {
  const [found] = await session<CheckedTable[]>`
    SELECT n.nspname AS schema, c.relname AS name, c.oid::text AS oid,
      pg_catalog.format('%I.%I', n.nspname, c.relname) AS sql, pg_catalog.quote_ident(c.relname) AS alias
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = pg_catalog.to_regclass(${written}) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`.catch(notAName);
  if (found) return found;
  throw checkTableMissing.error({ written });
}

/**
 * Finds columns by the names that an operator wrote, in that order.
 *
 * @throws {OperatorError} `CHECK_COLUMN_MISSING`
 */
export async function findColumns(
  session: Sql,
  { oid, sql: table }: CheckedTable,
  written: string[],
): Promise<CheckedColumn[]> {
  const columns = await session<({ written: string } & { [key in keyof CheckedColumn]: string | null })[]>`
    SELECT asked.written, pg_catalog.quote_ident(a.attname) AS sql, a.atttypid::regtype::text AS type
    FROM pg_catalog.json_array_elements_text(${
    JSON.stringify(written)
  }::text::json) WITH ORDINALITY AS asked (written, place)
    LEFT JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid = ${oid}::oid AND NOT a.attisdropped AND a.attnum > 0
      AND a.attname = ALL (pg_catalog.parse_ident(asked.written))
    ORDER BY asked.place`.catch(notAName);
  const missing = columns.filter(({ sql }) => sql === null).map(({ written }) => written);
  if (missing.length === 0) return columns as CheckedColumn[];
  throw checkColumnMissing.error({ table, columns: missing });
}

/**
 * Refuses to call nothing good: a table without rows, of which the manifest does not say that it was empty.
 *
 * @throws {OperatorError} `CHECK_FOUND_NOTHING`
 */
export function refuseEmpty({ schema, name, sql }: CheckedTable, manifest: Manifest | undefined): void {
  const rows = manifest?.rows.find((table) => table.schema === schema && table.name === name);
  if (rows?.row_count === 0) return;
  throw checkFoundNothing.error({ table: sql });
}

function notAName(error: unknown): never {
  const { code, message } = error as { code?: string; message: string };
  // Invalid name, syntax error, invalid parameter value.
  if (!["42602", "42601", "22023", "0A000"].includes(code ?? "")) throw error;
  throw checkNameInvalid.error({ said: message }, { cause: error });
}
