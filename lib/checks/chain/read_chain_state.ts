import type { Sql } from "../../postgres/connection/connect.ts";
import type { ChainRows } from "./chain_rows.ts";
import type { ChainState } from "./chain_state.ts";
import { addUpChain } from "./chain_sums.ts";
import { surveyChain } from "./chain_survey.ts";
import { runOperatorSql } from "../operator_sql.ts";

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
