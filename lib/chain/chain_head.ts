import type { Sql } from "../postgres/connection/connect.ts";
import type { ChainSnapshot } from "../verdict/verdict.ts";
import type { FoundChain } from "./find_chain.ts";

type HeadBreak = Partial<Pick<ChainSnapshot, "first_break_id" | "first_break_pos" | "head_compared">>;

/**
 * Holds the chain's head against its last row: the head must be the hash of a row that no other row follows.
 *
 * @param sql A connection inside a transaction.
 * @returns Where it breaks: at the last row, whose successors were cut off. Nothing if it holds.
 */
export async function lookAtHead(
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
