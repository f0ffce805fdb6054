import type { Finding, Note } from "../../verdict/verdict.ts";
import type { PartialDifferences } from "./differences.ts";
import type { TableRows } from "../manifest.ts";
import { tableName } from "../table_name.ts";
import { bucketCount, differingBuckets } from "../rows/row_digest_buckets.ts";

/** Compares the rows of every table. */
export function compareRows(expected: TableRows[], actual: TableRows[]): PartialDifferences {
  const findings: Finding[] = [];
  const notes: Note[] = [];
  const restored = new Map(actual.map((table) => [tableName(table), table]));
  for (const table of expected) {
    const object = tableName(table);
    const found = restored.get(object);
    restored.delete(object);
    if (!found) findings.push(missing(object, table));
    else if (table.row_count !== found.row_count || table.digest !== found.digest) {
      if (table.is_refreshed) notes.push(refreshed(object, table, found));
      else findings.push(differing(object, table, found));
    }
  }
  for (const [object, { row_count, is_refreshed }] of restored) {
    // Its definition says so: it was not populated, or not there.
    if (!is_refreshed) findings.push(unexpected(object, row_count));
  }
  return { findings, notes };
}

function missing(object: string, { row_count, is_refreshed }: TableRows): Finding {
  if (is_refreshed) {
    return {
      code: "MATERIALIZED_VIEW_UNFILLED",
      message: `The materialized view ${object} had ${row_count} rows, and is not there or was not refreshed.`,
      fix: "See what pg_restore said about it; if the view is there, REFRESH MATERIALIZED VIEW fills it.",
      object,
    };
  }
  return {
    code: "TABLE_MISSING",
    message: `The table ${object} with its ${row_count} rows was not restored.`,
    fix:
      "See what the restore said about it (RESTORE_FAILED), and do what its fix says; if it said nothing, make a new backup.",
    object,
  };
}

function unexpected(object: string, rowCount: number): Finding {
  return {
    code: "TABLE_UNEXPECTED",
    message: `The table ${object} with ${rowCount} rows was not there when the backup was made.`,
    fix: "Compare with the manifest of this very backup, in a database that held nothing else.",
    object,
  };
}

function differing(object: string, expected: TableRows, actual: TableRows): Finding {
  const counts = { expected: summary(expected), actual: summary(actual), object };
  if (expected.row_count !== actual.row_count) {
    return {
      code: "ROW_COUNT_DIFFERS",
      message: `${object} has ${actual.row_count} rows instead of ${expected.row_count}.${where(expected, actual)}`,
      fix: "Rows are lost or doubled; name them with pgrehearse compare --source-url.",
      ...counts,
    };
  }
  return {
    code: "ROWS_DIFFER",
    message: `${object} has its ${expected.row_count} rows, but not the same ones.${where(expected, actual)}`,
    fix: "Values have changed; name the rows with pgrehearse compare --source-url.",
    ...counts,
  };
}

function where(expected: TableRows, actual: TableRows): string {
  if (!expected.buckets || !actual.buckets || expected.key?.join() !== actual.key?.join()) return "";
  const buckets = differingBuckets(expected.buckets, actual.buckets);
  return ` By ${expected.key!.join(", ")} they differ in ${buckets.length} of ${bucketCount} buckets.`;
}

function refreshed(object: string, expected: TableRows, actual: TableRows): Note {
  return {
    code: "MATERIALIZED_VIEW_DIFFERS",
    message: `${object} was refreshed by the restore and has ${actual.row_count} rows, ${expected.row_count} before.`,
    object,
  };
}

function summary({ row_count, digest }: TableRows) {
  return { row_count, digest };
}
