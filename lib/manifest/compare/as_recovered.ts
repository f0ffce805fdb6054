import type { CapturedDatabase } from "../capture_database.ts";
import type { Manifest, ManifestSequence, TableRows } from "../manifest.ts";
import { tableName } from "../table_name.ts";

/** So many values of a sequence Postgres writes into the WAL in advance. */
const valuesAhead = 32n;

/**
 * Prepares the comparison of a manifest with what recovery of files brought back, read on a standby.
 *
 * Materialized views came back as they were. Rows of unlogged tables did not, and are left out, as are those that the dump
 * left out. The value of a sequence may be ahead, by as much as the WAL is; it was read after the snapshot, so a smaller one
 * is right as well, as long as it does not lie behind its columns.
 */
export function asRecovered(
  manifest: Manifest,
  recovered: CapturedDatabase,
): { manifest: Manifest; recovered: CapturedDatabase } {
  const leftOut = new Set(
    [...manifest.rows, ...recovered.rows].filter((table) => table.is_data_left_out).map(tableName),
  );
  const rows = (tables: TableRows[]) =>
    tables.filter((table) => !leftOut.has(tableName(table))).map(({ is_refreshed: _, ...table }) => table);
  const expected = new Map(manifest.sequences.map((sequence) => [tableName(sequence), sequence]));
  const sequences = recovered.sequences.map((sequence) => {
    const known = expected.get(tableName(sequence));
    return known && isWithinWal(known, sequence) ? { ...sequence, before: known.after, after: known.after } : sequence;
  });
  return {
    manifest: { ...manifest, rows: rows(manifest.rows) },
    recovered: { ...recovered, rows: rows(recovered.rows), sequences },
  };
}

function isWithinWal({ before, after, increment, cycle }: ManifestSequence, recovered: ManifestSequence): boolean {
  if (recovered.persistence === "unlogged" || cycle) return true;
  const step = BigInt(increment);
  const last = [before, after].map(({ last_value }) => BigInt(last_value));
  const value = BigInt(recovered.after.last_value);
  return last.some((each) => step > 0n ? value <= each + valuesAhead * step : value >= each + valuesAhead * step);
}
