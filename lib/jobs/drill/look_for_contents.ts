import { joinSequences } from "../../manifest/manifest_sequences.ts";
import { captureSequenceColumns, captureSequences } from "../../manifest/sequences.ts";
import { tableName } from "../../manifest/table_name.ts";
import { connect, type Sql } from "../../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { holdsNothing, readUserObjects } from "../../postgres/user_objects.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Contents, Finding } from "../../verdict/verdict.ts";
import type { Job } from "../job.ts";
import type { RestoredDump } from "../restore_dump.ts";

/** Of so many tables the rows are reported by name. */
const mostTables = 1000;

/**
 * Says what somebody else's dump brought. Nothing tells what should be there: all that is known is that it restored.
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
    const sql = await connect(parameters);
    try {
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
    } finally {
      await sql.end({ timeout: 0 });
    }
  }
  job.record({ contents });
  if (!job.hasFailed()) job.find(...contents.flatMap(warningsOf));
  if (isEmpty && !allowEmpty) throw emptyDatabase("What was restored is an empty database.");
  job.assertEqual("holds_objects", true, !isEmpty || allowEmpty === true);
  job.record({ proof: "restored" });
  return fullest;
}

export function emptyDatabase(message: string): OperatorError {
  return new OperatorError("EMPTY_DATABASE", message, {
    fix: "Check that the right database was dumped; if it is meant to be empty, say --allow-empty.",
    consequence: "fail",
  });
}

/** Tables that hold nothing at all restore without an error, too. */
function noRows(database: string, tables: number): Finding {
  return {
    code: "NO_ROWS",
    severity: "warning",
    message: `${database} has ${tables} ${tables === 1 ? "table" : "tables"}, and no row in any.`,
    fix: "Check that this is meant: a dump with --schema-only, of the wrong database, or by a role that row security " +
      "shows nothing looks like this.",
    object: database,
  };
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
  const findings: Finding[] = [];
  if (tables > 0 && rows === 0) findings.push(noRows(database, tables));
  for (const { table, rows, copied } of rows_by_table) {
    if (copied === undefined || copied <= rows) continue;
    findings.push({
      code: "ROWS_FEWER_THAN_COPIED",
      severity: "warning",
      message: `The dump brought ${copied} rows to ${table}, and it holds ${rows}.`,
      fix: "Find out whether a trigger, a rule or a later statement of the dump removes rows.",
      object: table,
      expected: copied,
      actual: rows,
    });
  }
  for (const object of sequences_behind) {
    findings.push({
      code: "SEQUENCE_BEHIND",
      severity: "warning",
      message: `The next value of the sequence ${object} is in its column already.`,
      fix: "Set it beyond the column's maximum with setval(); see whether it is so at the source as well.",
      object,
    });
  }
  for (const object of not_valid) {
    findings.push({
      code: "NOT_VALIDATED",
      severity: "warning",
      message: `Not validated, or not valid: ${object}. Rows may break it.`,
      fix: "See whether it is so at the source as well, and VALIDATE or REINDEX it there.",
      object,
    });
  }
  return findings;
}
