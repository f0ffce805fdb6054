import type { Sql } from "../../postgres/connection/connect.ts";
import type { Consequence } from "../../system/operator_error.ts";
import type { ChainSnapshot, Finding } from "../../verdict/verdict.ts";
import { findChain, type FoundChain } from "./find_chain.ts";
import { chainBroken, chainMissing } from "./findings.ts";

/** How long the chain is, and the hash at its head. */
type ChainEnd = Pick<ChainSnapshot, "row_count" | "chain_head_hash">;

/**
 * Reads how many rows the chain has and the hash at its head.
 *
 * @throws {OperatorError} `CHAIN_MISSING`
 */
export function snapshotChain(sql: Sql): Promise<ChainSnapshot> {
  return inReadOnlySnapshot(sql, async (transaction) => {
    const chain = await findChain(transaction);
    if (!chain) throw chainMissing.error({ means: "unknown" });
    return { phase: "workload", ...await readState(transaction, chain) };
  });
}

/**
 * Reads the chain, lets the database's own `audit_events_verify_chain()` walk it, and holds its head against the last
 * row, in one read-only snapshot.
 *
 * Works on any database that has `audit_events`, `audit_chain_head` and that function, whoever made them: the function
 * runs with the rights of this session.
 *
 * @param ifMissing What it means when the database lacks one of them.
 * @throws {OperatorError} `CHAIN_MISSING`
 */
export function verifyChain(sql: Sql, ifMissing: Consequence = "unknown"): Promise<ChainSnapshot> {
  return inReadOnlySnapshot(sql, (transaction) => walkChain(transaction, ifMissing));
}

/** The same in the caller's transaction, as that sees it. */
export async function walkChain(sql: Sql, ifMissing: Consequence): Promise<ChainSnapshot> {
  const found = await findChain(sql);
  if (!found) throw chainMissing.error({ means: ifMissing });
  // Its functions may name its tables without their schema.
  await sql`
    SELECT pg_catalog.set_config(
      'search_path',
      pg_catalog.concat_ws(
        ', ', pg_catalog.quote_ident(${found.schema}), nullif(pg_catalog.current_setting('search_path'), '')
      ),
      true
    )`;
  const chain = await readState(sql, found);
  const [walk] = await sql<
    { first_break_id: string | null; first_break_pos: number; row_count: number }[]
  >`SELECT first_break_id::text, first_break_pos::integer, row_count::integer
    FROM ${sql(found.schema)}.audit_events_verify_chain()`;
  const isWhole = walk.first_break_id === null && walk.first_break_pos === -1;
  // A walk that finds every row in its place cannot see that rows are missing at the end.
  const headBreak = isWhole ? await lookAtHead(sql, found, chain) : undefined;
  return {
    phase: "verify",
    ...chain,
    ...(!isWhole && { first_break_id: walk.first_break_id ?? "", first_break_pos: walk.first_break_pos }),
    ...headBreak,
    verifier_walked: walk.row_count,
  };
}

/**
 * Reads the chain's state, if the database has one whose tables hold nothing but built-in types, and calls nothing of the
 * user's: no view, function, operator or cast.
 *
 * @param sql A connection inside a transaction.
 */
export async function readChain(sql: Sql): Promise<ChainEnd | undefined> {
  const chain = await findChain(sql);
  return chain?.isPlain ? await readState(sql, chain) : undefined;
}

async function readState(sql: Sql, { schema, isPlain }: FoundChain): Promise<ChainEnd> {
  const events = sql`${sql(schema)}.audit_events`;
  // Where the hash is stored as bytea, its text has two characters before the digits.
  const [{ row_count, chain_head_hash }] = await sql<{ row_count: string; chain_head_hash: string | null }[]>`
    SELECT
      (SELECT pg_catalog.count(*) FROM ${isPlain ? sql`ONLY ${events}` : events}) AS row_count,
      (
        SELECT pg_catalog.regexp_replace(row_hash::text, '^\\\\x', '')
        FROM ${sql(schema)}.audit_chain_head WHERE id OPERATOR(pg_catalog.=) 1
      ) AS chain_head_hash`;
  return { row_count: Number(row_count), chain_head_hash };
}

async function inReadOnlySnapshot<T>(sql: Sql, work: (transaction: Sql) => Promise<T>): Promise<T> {
  return await sql.begin(
    "ISOLATION LEVEL REPEATABLE READ READ ONLY",
    (transaction) => work(transaction as unknown as Sql),
  ) as T;
}

type HeadBreak = Partial<Pick<ChainSnapshot, "first_break_id" | "first_break_pos" | "head_compared">>;

/**
 * Holds the chain's head against its last row: the head must be the hash of a row that no other row follows.
 *
 * @param sql A connection inside a transaction.
 * @returns Where it breaks: at the last row, whose successors were cut off. Nothing if it holds.
 */
async function lookAtHead(
  sql: Sql,
  { schema, columns }: FoundChain,
  { row_count, chain_head_hash }: Pick<ChainSnapshot, "row_count" | "chain_head_hash">,
): Promise<HeadBreak> {
  const cutOff = { first_break_id: "audit_chain_head", first_break_pos: Math.max(0, row_count - 1) };
  if (row_count === 0) return /^0*$/.test(chain_head_hash ?? "") ? {} : cutOff;
  if (!columns.row_hash) return { head_compared: false };
  const hash = asHex(sql, "row_hash", columns.row_hash);
  // Without it, any row may be the last.
  const previous = columns.prev_hash ? asHex(sql, "prev_hash", columns.prev_hash) : sql`NULL::text`;
  const events = sql`${sql(schema)}.audit_events`;
  const head = chain_head_hash?.toLowerCase() ?? "";
  const [{ is_last }] = await sql<{ is_last: boolean }[]>`
    SELECT
      EXISTS (SELECT FROM ${events} WHERE ${hash} = ${head}) AND NOT EXISTS (
        SELECT FROM ${events} WHERE ${previous} = ${head}
      ) AS is_last`;
  if (is_last) return {};
  const [last] = columns.id === undefined ? [] : await sql<{ id: string }[]>`
    SELECT id::text AS id FROM ${events}
    WHERE ${hash} NOT IN (SELECT coalesce(${previous}, '') FROM ${events})
    LIMIT 1`;
  return { ...cutOff, ...(last && { first_break_id: last.id }) };
}

function asHex(sql: Sql, column: string, type: string) {
  return type === "bytea" ? sql`pg_catalog.encode(${sql(column)}, 'hex')` : sql`pg_catalog.lower(${sql(column)}::text)`;
}

/** What is wrong with a chain that was walked: nothing, or where it breaks. */
export function chainFindings({ first_break_id, first_break_pos }: ChainSnapshot): Finding[] {
  return first_break_id === undefined ? [] : [chainBroken({ id: first_break_id, row: first_break_pos! + 1 })];
}
