import type { Sql } from "../../postgres/connection/connect.ts";
import type { ChainRows } from "./chain_rows.ts";
import { type ChainState, wholeChain } from "./chain_state.ts";
import { runOperatorSql } from "../operator_sql.ts";

/**
 * Says whether a chain is whole, by one pass over its rows in any order, in parallel.
 *
 * It recomputes every hash, and adds up a number of each row's hash and one of each previous hash, the beginning's apart.
 * In a whole chain every hash is the next row's previous one, but for the last: so the sums differ by the number of that
 * hash. The numbers are seeded anew each time, so that nobody can prepare rows whose sums collide.
 *
 * No fork, gap or second row of one hash has such sums: the rows' hashes and previous hashes would have to be the same in
 * number one by one, and following two rows of one hash back, to two rows of one previous hash and so on, ends at two
 * beginnings or in a circle, which a hash over the previous one cannot close.
 *
 * @returns `undefined` if it is not, or hashes are not stored as lower-case digits.
 */
export async function addUpChain(session: Sql, chain: ChainRows, head?: string): Promise<ChainState | undefined> {
  const { from, previous, hash, computed, isBeginning } = chain;
  const seed = crypto.getRandomValues(new BigInt64Array(1))[0];
  const numberOf = (text: string) => `hashtextextended(${text}, ${seed})`;
  const [sums] = await runOperatorSql<Record<"rows" | "sound" | "beginnings" | "difference", string>>(
    session,
    `SELECT
      count(*) AS rows,
      count(*) FILTER (WHERE ${hash} = ${computed}) AS sound,
      count(*) FILTER (WHERE ${isBeginning}) AS beginnings,
      sum(${numberOf(hash)}) - coalesce(sum(${numberOf(previous)}) FILTER (WHERE NOT ${isBeginning}), 0) AS difference
    FROM ${from}`,
  );
  if (sums.rows === "0" || sums.sound !== sums.rows || sums.beginnings !== "1") return undefined;
  const rows = Number(sums.rows);
  if (head !== undefined) {
    const [{ number }] = await runOperatorSql<{ number: string }>(
      session,
      `SELECT ${numberOf('$1::text COLLATE "C"')} AS number`,
      { parameters: [head] },
    );
    if (number === sums.difference) return wholeChain(rows, head);
  }
  const [end] = await runOperatorSql<{ hash: string }>(
    session,
    `SELECT ${hash} AS hash FROM ${from} WHERE ${numberOf(hash)} = ${sums.difference} LIMIT 1`,
  );
  return end && wholeChain(rows, end.hash);
}
