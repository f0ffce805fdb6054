import type { Sql } from "../postgres/connect.ts";
import { type Consequence, OperatorError } from "../system/operator_error.ts";
import type { ChainSnapshot } from "../verdict/verdict.ts";

/**
 * Reads how many rows the chain has and the hash at its head.
 *
 * @throws {OperatorError} `CHAIN_MISSING`
 */
export function snapshotChain(sql: Sql): Promise<ChainSnapshot> {
  return inChainSchema(sql, "unknown", async (transaction) => ({ phase: "workload", ...await readChain(transaction) }));
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
  return inChainSchema(sql, ifMissing, async (transaction) => {
    const chain = await readChain(transaction);
    const [walk] = await transaction<
      { first_break_id: string | null; first_break_pos: number; row_count: number }[]
    >`SELECT first_break_id::text, first_break_pos::integer, row_count::integer FROM audit_events_verify_chain()`;
    const isWhole = walk.first_break_id === null && walk.first_break_pos === -1;
    return {
      phase: "verify",
      ...chain,
      ...(!isWhole && { first_break_id: walk.first_break_id ?? "", first_break_pos: walk.first_break_pos }),
      verifier_walked: walk.row_count,
    };
  });
}

/** Whoever stores the hash as bytea: its text has two characters before the digits. */
async function readChain(sql: Sql) {
  const [{ row_count, chain_head_hash }] = await sql<{ row_count: string; chain_head_hash: string | null }[]>`
    SELECT
      (SELECT count(*) FROM audit_events) AS row_count,
      (SELECT regexp_replace(row_hash::text, '^\\\\x', '') FROM audit_chain_head WHERE id = 1) AS chain_head_hash`;
  return { row_count: Number(row_count), chain_head_hash };
}

/** Runs the work in a read-only snapshot whose search_path begins with the schema that holds the chain. */
async function inChainSchema<T>(
  sql: Sql,
  ifMissing: Consequence,
  work: (transaction: Sql) => Promise<T>,
): Promise<T> {
  return await sql.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", async (transaction) => {
    const [chain] = await transaction<{ schema: string }[]>`
      SELECT namespace.nspname AS schema
      FROM pg_catalog.pg_namespace AS namespace
      WHERE EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = namespace.oid AND relname = 'audit_events')
        AND EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = namespace.oid AND relname = 'audit_chain_head')
        AND EXISTS (
          SELECT FROM pg_catalog.pg_proc WHERE pronamespace = namespace.oid AND proname = 'audit_events_verify_chain'
        )
      ORDER BY namespace.nspname <> 'public', namespace.nspname
      LIMIT 1`;
    if (!chain) throw chainMissing(ifMissing);
    await transaction`
      SELECT pg_catalog.set_config(
        'search_path',
        concat_ws(', ', pg_catalog.quote_ident(${chain.schema}), nullif(pg_catalog.current_setting('search_path'), '')),
        true
      )`;
    return await work(transaction as unknown as Sql);
  }) as T;
}

function chainMissing(consequence: Consequence): OperatorError {
  return new OperatorError(
    "CHAIN_MISSING",
    "This database lacks the audit chain: audit_events, audit_chain_head and audit_events_verify_chain() in one schema.",
    { fix: "Name the right database, or run pgrehearse workload to make one.", consequence },
  );
}
