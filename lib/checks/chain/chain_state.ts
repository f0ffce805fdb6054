import type { Sql } from "../../postgres/connection/connect.ts";
import type { ChainRows } from "./chain_rows.ts";
import { type ChainState, surveyChain } from "./chain_survey.ts";
import { runOperatorSql } from "../operator_sql.ts";

/** The state of a chain in which nothing is wrong. */
function wholeChain(rows: number, head: string): ChainState {
  const none = { count: 0, first: null };
  return { rows, beginnings: 1, ends: 1, heads: [head], altered: none, orphans: none, forks: none, circles: none };
}

/** Nothing is wrong with it but, possibly, that it is not the chain that was expected. */
export function isWhole({ rows, beginnings, ends, altered, orphans, forks, circles }: ChainState): boolean {
  const isBroken = [altered, orphans, forks, circles].some(({ count }) => count > 0);
  return rows === 0 || (!isBroken && beginnings === 1 && ends === 1);
}

/**
 * Looks at a chain: by one parallel pass that says whether it is whole, and row by row only where it is not.
 *
 * The pass relies on hashes that cover the previous one, as only then no circle can be closed. Where the payload leaves it
 * out, links are followed one by one.
 *
 * @param head Where the chain should end, in lower case; spares a second look at the rows.
 */
export async function readChainState(session: Sql, chain: ChainRows, head?: string): Promise<ChainState> {
  // JIT takes longer than it saves; and every row is read, so a worker always pays.
  await session.unsafe("SET LOCAL jit = off; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0");
  const coversPrevious = await payloadCoversPrevious(session, chain);
  const whole = coversPrevious ? await addUpChain(session, chain, head) : undefined;
  return whole ?? await surveyChain(session, chain, { coversPrevious });
}

/** Whether no row keeps its hash when it is given another previous hash. */
async function payloadCoversPrevious(session: Sql, { computed, hash, withOtherPrevious }: ChainRows): Promise<boolean> {
  await session`SAVEPOINT other_previous`;
  try {
    const [{ covers }] = await runOperatorSql<{ covers: boolean }>(
      session,
      `SELECT count(*) FILTER (WHERE lower(${hash}) = ${computed}) = 0 AS covers FROM ${withOtherPrevious}`,
    );
    return covers;
  } catch {
    // A payload that wants the row as a whole, or another form of hash: it must be taken for the worse.
    await session`ROLLBACK TO SAVEPOINT other_previous`;
    return false;
  }
}

/**
 * Says whether a chain is whole, by one pass over its rows in any order, in parallel.
 *
 * It recomputes every hash, and adds up a number of each row's hash and one of each previous hash, the beginning's apart.
 * In a whole chain every hash is the next row's previous one, but for the last: so the sums differ by the number of that
 * hash. The numbers are seeded anew each time, so that rows with colliding sums cannot be prepared.
 *
 * No fork, gap or second row of one hash has such sums: the rows' hashes and previous hashes would have to be the same in
 * number one by one, and following two rows of one hash back, to two rows of one previous hash and so on, ends at two
 * beginnings or in a circle, which a hash over the previous one cannot close.
 *
 * @returns `undefined` if it is not, or hashes are not stored as lower-case digits.
 */
async function addUpChain(session: Sql, chain: ChainRows, head?: string): Promise<ChainState | undefined> {
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
