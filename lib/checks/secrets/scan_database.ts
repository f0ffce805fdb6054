import type { Sql } from "../../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { inReadOnlyTransaction } from "../../postgres/transactions.ts";
import { secretForms } from "./forms.ts";
import { pagesAtOnce, secretsQuery, suspectPagesQuery } from "./scan_sql.ts";
import { listTextTables, type TextTable } from "./text_tables.ts";

interface ScanOptions {
  exclude: readonly string[];
  allow: readonly string[];
  bytea: boolean;
  timeoutMs: number;
  /** How many sessions read at the same time. @default {4, but no more than there are cores} */
  mostSessions?: number;
  signal: AbortSignal;
}

/** How many values of a column hold a secret of one form. */
interface ColumnSecrets {
  table: string;
  column: string;
  what: string;
  count: number;
}

/** A part of a table for one query. */
interface Piece {
  table: TextTable;
  first: number;
  /** The one after the last. */
  end: number;
}

/** 64 MB, in pages of 8 KB. */
const pagesOfPiece = 256 * pagesAtOnce;

/** Looks for secrets in every table, in several sessions that see the same snapshot. */
export function scanDatabase(
  parameters: ConnectionParameters,
  options: ScanOptions,
): Promise<{ columnCount: number; found: ColumnSecrets[] }> {
  const { timeoutMs: statementTimeoutMs, signal, mostSessions = Math.min(4, navigator.hardwareConcurrency) } = options;
  return inReadOnlyTransaction(parameters, { statementTimeoutMs, signal }, async (sql) => {
    await settle(sql);
    const tables = await listTextTables(sql, options);
    const pieces = tables.flatMap(piecesOf);
    const found = new Map<string, ColumnSecrets>();
    let next = 0;
    const work = async (session: Sql) => {
      while (next < pieces.length) {
        signal.throwIfAborted();
        for (const each of await scanPiece(session, pieces[next++], options)) {
          const key = JSON.stringify([each.table, each.column, each.what]);
          const known = found.get(key);
          if (known) known.count += each.count;
          else found.set(key, each);
        }
      }
    };
    const others = Math.min(mostSessions, pieces.length) - 1;
    const [{ snapshot }] = others > 0
      ? await sql<{ snapshot: string }[]>`SELECT pg_catalog.pg_export_snapshot() AS snapshot`
      : [{ snapshot: undefined }];
    const stopAll = () => void (next = pieces.length);
    const other = () =>
      inReadOnlyTransaction(parameters, { snapshot, statementTimeoutMs, signal }, async (session) => {
        await settle(session);
        await work(session);
      });
    const sessions = [work(sql), ...Array.from({ length: Math.max(0, others) }, other)];
    const ends = await Promise.allSettled(sessions.map((session) =>
      session.catch((error) => {
        stopAll();
        throw error;
      })
    ));
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
    return { columnCount: tables.reduce((sum, { columns }) => sum + columns.length, 0), found: [...found.values()] };
  });
}

/** Nothing of the database's own gets in between, and nothing is compiled for a query of seconds. */
async function settle(sql: Sql): Promise<void> {
  await sql.unsafe(`
    SET LOCAL search_path = ''; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL enable_seqscan = on; SET LOCAL enable_tidscan = on`).simple();
}

function piecesOf(table: TextTable): Piece[] {
  if (table.blocks === undefined) return [{ table, first: 0, end: 0 }];
  return Array.from({ length: Math.ceil(table.blocks / pagesOfPiece) }, (_, piece) => ({
    table,
    first: piece * pagesOfPiece,
    end: Math.min(table.blocks!, (piece + 1) * pagesOfPiece),
  }));
}

async function scanPiece(
  sql: Sql,
  { table, first, end }: Piece,
  { allow }: ScanOptions,
): Promise<ColumnSecrets[]> {
  type Count = { column_place: number; form_place: number; count: string };
  let counts: Count[];
  if (table.blocks === undefined) {
    counts = await sql.unsafe<Count[]>(secretsQuery(table, { pages: false, allow }));
  } else {
    const suspects = await sql.unsafe<{ page: string }[]>(suspectPagesQuery(table), [first, end]);
    if (suspects.length === 0) return [];
    const pages = JSON.stringify(suspects.map(({ page }) => Number(page)));
    counts = await sql.unsafe<Count[]>(secretsQuery(table, { pages: true, allow }), [pages]);
  }
  return counts.map(({ column_place, form_place, count }) => ({
    table: table.name,
    column: table.columns[column_place].name,
    what: secretForms[form_place].what,
    count: Number(count),
  }));
}
