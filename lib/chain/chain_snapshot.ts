import type { Sql } from "../postgres/connection/connect.ts";
import { type Consequence, OperatorError } from "../system/operator_error.ts";
import type { ChainSnapshot } from "../verdict/verdict.ts";

/** How long the chain is, and the hash at its head. */
export type ChainState = Pick<ChainSnapshot, "row_count" | "chain_head_hash">;

/**
 * Reads how many rows the chain has and the hash at its head.
 *
 * @throws {OperatorError} `CHAIN_MISSING`
 */
export function snapshotChain(sql: Sql): Promise<ChainSnapshot> {
  return inReadOnlySnapshot(sql, async (transaction) => {
    const chain = await readChain(transaction);
    if (!chain) throw chainMissing("unknown");
    return { phase: "workload", ...chain };
  });
}

/**
 * Reads the chain and lets the database's own `audit_events_verify_chain()` walk it, in one read-only snapshot.
 *
 * Works on any database that has `audit_events`, `audit_chain_head` and that function, whoever made them.
 *
 * @param ifMissing What it means when the database lacks one of them.
 * @throws {OperatorError} `CHAIN_MISSING`
 */
export function verifyChain(sql: Sql, ifMissing: Consequence = "unknown"): Promise<ChainSnapshot> {
  return inReadOnlySnapshot(sql, (transaction) => walkChain(transaction, ifMissing));
}

/** The same in the caller's transaction, as that sees it. */
export async function walkChain(sql: Sql, ifMissing: Consequence): Promise<ChainSnapshot> {
  const chain = await readChain(sql);
  if (!chain) throw chainMissing(ifMissing);
  const [walk] = await sql<
    { first_break_id: string | null; first_break_pos: number; row_count: number }[]
  >`SELECT first_break_id::text, first_break_pos::integer, row_count::integer FROM audit_events_verify_chain()`;
  const isWhole = walk.first_break_id === null && walk.first_break_pos === -1;
  return {
    phase: "verify",
    ...chain,
    ...(!isWhole && { first_break_id: walk.first_break_id ?? "", first_break_pos: walk.first_break_pos }),
    verifier_walked: walk.row_count,
  };
}

/**
 * Reads the chain's state, if the database has one, and puts its schema first in the transaction's search_path.
 *
 * @param sql A connection inside a transaction.
 */
export async function readChain(sql: Sql): Promise<ChainState | undefined> {
  const [found] = await sql<{ schema: string }[]>`
    SELECT namespace.nspname AS schema
    FROM pg_catalog.pg_namespace AS namespace
    WHERE EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = namespace.oid AND relname = 'audit_events')
      AND EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = namespace.oid AND relname = 'audit_chain_head')
      AND EXISTS (
        SELECT FROM pg_catalog.pg_proc WHERE pronamespace = namespace.oid AND proname = 'audit_events_verify_chain'
      )
    ORDER BY namespace.nspname <> 'public', namespace.nspname
    LIMIT 1`;
  if (!found) return undefined;
  await sql`
    SELECT pg_catalog.set_config(
      'search_path',
      pg_catalog.concat_ws(
        ', ', pg_catalog.quote_ident(${found.schema}), nullif(pg_catalog.current_setting('search_path'), '')
      ),
      true
    )`;
  // Where the hash is stored as bytea, its text has two characters before the digits.
  const [{ row_count, chain_head_hash }] = await sql<{ row_count: string; chain_head_hash: string | null }[]>`
    SELECT
      (SELECT pg_catalog.count(*) FROM audit_events) AS row_count,
      (
        SELECT pg_catalog.regexp_replace(row_hash::text, '^\\\\x', '')
        FROM audit_chain_head WHERE id OPERATOR(pg_catalog.=) 1
      ) AS chain_head_hash`;
  return { row_count: Number(row_count), chain_head_hash };
}

async function inReadOnlySnapshot<T>(sql: Sql, work: (transaction: Sql) => Promise<T>): Promise<T> {
  return await sql.begin(
    "ISOLATION LEVEL REPEATABLE READ READ ONLY",
    (transaction) => work(transaction as unknown as Sql),
  ) as T;
}

function chainMissing(consequence: Consequence): OperatorError {
  return new OperatorError(
    "CHAIN_MISSING",
    "This database lacks the audit chain: audit_events, audit_chain_head and audit_events_verify_chain() in one schema.",
    { fix: "Name the right database, or run pgrehearse workload to make one.", consequence },
  );
}
