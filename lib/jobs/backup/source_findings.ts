import type { CapturedDatabase } from "../../manifest/capture_database.ts";
import { findLeftOut } from "../../manifest/source/left_out.ts";
import { findRestoreRisks } from "../../manifest/source/restore_risks.ts";
import { findSelectionRisks } from "../../manifest/source/selection_risks.ts";
import type { DumpSelection } from "../../postgres/dump_selection.ts";
import type { SharedSnapshot } from "../../postgres/shared_snapshot.ts";
import { noRows } from "../findings.ts";
import { patternMatchesNothing } from "./findings/cluster.ts";
import { unloggedLeftOut } from "./findings/dumps.ts";
import type { Finding } from "../../verdict/verdict.ts";

/** What of the source should be known on the bad day: what its dump leaves out, and what may not restore. */
export async function findAtSource(
  { sessions: [sql], isStandby }: SharedSnapshot,
  selection: DumpSelection | undefined,
): Promise<Finding[]> {
  return [
    ...selection?.idle.map((option) => patternMatchesNothing.object({ option })) ?? [],
    ...selection ? await findSelectionRisks(sql, selection) : [],
    ...selection && selection.by !== "exclusions" ? [] : await findLeftOut(sql),
    ...await findRestoreRisks(sql),
    ...isStandby ? await findUnlogged(sql, selection) : [],
  ];
}

async function findUnlogged(
  sql: SharedSnapshot["sessions"][0],
  selection: DumpSelection | undefined,
): Promise<Finding[]> {
  const tables = await sql<{ oid: number; name: string }[]>`
    SELECT c.oid::int8::float8 AS oid, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND c.relpersistence = 'u' ORDER BY 2`;
  const unread = tables.filter(({ oid }) => !selection?.leftOut.has(oid)).map(({ name }) => name);
  if (unread.length === 0) return [];
  return [unloggedLeftOut({ tables: unread })];
}

/** A backup of the wrong database, or after the wrong TRUNCATE, is as whole as any other. */
export function findNoRows({ rows, large_objects }: Pick<CapturedDatabase, "rows" | "large_objects">): Finding[] {
  const tables = rows.filter(({ is_refreshed, is_data_left_out }) => !is_refreshed && !is_data_left_out);
  if (rows.some(({ row_count }) => row_count > 0) || large_objects.count > 0) return [];
  if (rows.length === 0) return [noRows.noTable()];
  return [tables.length === 0 ? noRows.leftOut() : noRows.allEmpty({ tables: tables.length })];
}
