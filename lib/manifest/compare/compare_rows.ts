import type { Finding, Note } from "../../verdict/verdict.ts";
import type { PartialDifferences } from "./differences.ts";
import type { TableRows } from "../manifest.ts";
import { tableName } from "../table_name.ts";
import { bucketCount, differingBuckets } from "../rows/row_digest_buckets.ts";
import {
  definitionMissing,
  definitionUnexpected,
  materializedViewDiffers,
  materializedViewUnfilled,
  rowCountDiffers,
  rowsDiffer,
} from "./findings.ts";

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

function missing(object: string, { row_count: rows, is_refreshed }: TableRows): Finding {
  return is_refreshed ? materializedViewUnfilled({ object, rows }) : definitionMissing({ kind: "table", object, rows });
}

function unexpected(object: string, rows: number): Finding {
  return definitionUnexpected({ kind: "table", object, rows });
}

function differing(object: string, expected: TableRows, actual: TableRows): Finding {
  const finding = expected.row_count !== actual.row_count ? rowCountDiffers : rowsDiffer;
  return finding({ object, expected: summary(expected), actual: summary(actual), where: where(expected, actual) });
}

function where(expected: TableRows, actual: TableRows): string {
  if (!expected.buckets || !actual.buckets || expected.key?.join() !== actual.key?.join()) return "";
  const buckets = differingBuckets(expected.buckets, actual.buckets);
  return ` By ${expected.key!.join(", ")} they differ in ${buckets.length} of ${bucketCount} buckets.`;
}

function refreshed(object: string, expected: TableRows, actual: TableRows): Note {
  return materializedViewDiffers({ object, before: expected.row_count, now: actual.row_count });
}

function summary({ row_count, digest }: TableRows) {
  return { row_count, digest };
}
