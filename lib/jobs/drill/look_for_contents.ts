import { joinSequences } from "../../manifest/manifest_sequences.ts";
import { captureSequenceColumns, captureSequences } from "../../manifest/sequences.ts";
import { tableName } from "../../manifest/table_name.ts";
import { type Sql, withSession } from "../../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { holdsNothing, readUserObjects } from "../../postgres/user_objects.ts";
import type { Contents, Finding } from "../../verdict/verdict.ts";
import { noRows } from "../findings.ts";
import { emptyDatabase, notValidated, rowsFewerThanCopied } from "./findings.ts";
import { sequenceBehind } from "../../manifest/compare/findings.ts";
import type { Job } from "../../run/job.ts";
import type { RestoredDump } from "../../dumps/restore_plain_dump.ts";

/** Of this many tables the rows are reported by name. */
const mostTables = 1000;

/**
 * Says what a dump without a manifest brought. Nothing tells what should be there: all that is known is that it restored.
 *
 * @throws {OperatorError} `EMPTY_DATABASE`, whose consequence is `fail`.
 */
export async function lookForContents(
  job: Job,
  { databases, copied }: RestoredDump,
  { allowEmpty }: { allowEmpty?: boolean },
): Promise<ConnectionParameters> {
  const contents: Contents[] = [];
  let isEmpty = true;
  let fullest = databases[0].parameters;
  for (const { name, parameters } of databases) {
    await withSession(parameters, {}, async (sql) => {
      await sql.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      const found = await describeDatabase(
        sql,
        name,
        copied.filter(({ database }) => database === parameters.database),
      );
      await sql.unsafe("COMMIT");
      if (!holdsNothing(await readUserObjects(sql))) {
        if (isEmpty) fullest = parameters;
        isEmpty = false;
      }
      contents.push(found);
    });
  }
  job.record({ contents });
  if (!job.hasFailed()) job.find(...contents.flatMap(warningsOf));
  job.expect("holds_objects", { expected: true, actual: !isEmpty || allowEmpty === true });
  if (isEmpty && !allowEmpty) throw emptyDatabase.restored.error();
  job.record({ proof: "restored" });
  return fullest;
}

async function describeDatabase(sql: Sql, database: string, copied: RestoredDump["copied"]): Promise<Contents> {
  const tables = await sql<{ oid: number; name: string; path: string }[]>`
    SELECT
      class.oid,
      pg_catalog.format('%I.%I', nspname, relname) AS name,
      nspname || '.' || relname AS path
    FROM pg_catalog.pg_class AS class
    JOIN pg_catalog.pg_namespace AS namespace ON namespace.oid = relnamespace
    WHERE relkind IN ('r', 'm')
      AND relpersistence <> 't'
      AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND (relkind = 'r' OR relispopulated)
      AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend
        WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objid = class.oid AND deptype = 'e'
      )
    ORDER BY nspname, relname`;
  const rows = [];
  for (const { name, path } of tables) {
    const [{ count }] = await sql.unsafe<{ count: string }[]>(`SELECT pg_catalog.count(*) AS count FROM ONLY ${name}`);
    const brought = copied.filter(({ table }) => table === path);
    const sum = brought.reduce((sum, { rows }) => sum + rows, 0);
    rows.push({ table: path, rows: Number(count), ...(brought.length > 0 && { copied: sum }) });
  }
  const sequences = await captureSequences(sql);
  const behind = joinSequences(sequences, sequences, await captureSequenceColumns(sql));
  const notValid = await sql<{ object: string }[]>`
    SELECT pg_catalog.format('%s of %s', conname, coalesce(conrelid::pg_catalog.regclass::text, contypid::pg_catalog.regtype::text)) AS object
    FROM pg_catalog.pg_constraint WHERE NOT convalidated
    UNION ALL
    SELECT pg_catalog.format('%s of %s', indexrelid::pg_catalog.regclass, indrelid::pg_catalog.regclass)
    FROM pg_catalog.pg_index JOIN pg_catalog.pg_class AS class ON class.oid = indexrelid
    WHERE NOT indisvalid AND class.relkind = 'i'
    ORDER BY object`;
  return {
    database,
    tables: rows.length,
    rows: rows.reduce((sum, { rows }) => sum + rows, 0),
    rows_by_table: rows.slice(0, mostTables),
    sequences_behind: behind.filter(({ behind }) => behind.length > 0).map(tableName),
    not_valid: notValid.map(({ object }) => object),
  };
}

/** What may be as it was at the source, and should be looked at. */
function warningsOf({ database, tables, rows, rows_by_table, sequences_behind, not_valid }: Contents): Finding[] {
  return [
    ...tables > 0 && rows === 0 ? [noRows.restored({ database, tables })] : [],
    ...rows_by_table.flatMap(({ table, rows, copied }) =>
      copied === undefined || copied <= rows ? [] : [rowsFewerThanCopied({ table, copied, rows })]
    ),
    ...sequences_behind.map((object) => sequenceBehind.found({ object })),
    ...not_valid.map((object) => notValidated({ object })),
  ];
}
