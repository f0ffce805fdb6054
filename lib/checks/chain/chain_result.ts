import type { Finding } from "../../verdict/verdict.ts";
import type { ChainRows } from "./chain_rows.ts";
import type { Breaks, ChainState } from "./chain_state.ts";
import type { CheckResult } from "../check.ts";

/** What is known of a chain apart from its rows. */
export interface KnownOfChain {
  /** From backup time. */
  recorded?: { rows: number; heads: string[]; is_whole: boolean };
  /** In lower case; null: whoever keeps it says that there is none. */
  head?: string | null;
}

/** Says of a chain's state what is right and what is wrong. Ids and hashes are positions, and may be shown. */
export function chainResult(
  name: string,
  { from, genesis }: ChainRows,
  state: ChainState,
  { recorded, head }: KnownOfChain,
): CheckResult {
  const { rows, beginnings, ends, heads, altered, orphans, forks, circles } = state;
  const assertions: CheckResult["assertions"] = [];
  const findings: Finding[] = [];
  const mustBe = (
    what: string,
    expected: unknown,
    actual: unknown,
    [code, sentence, fix]: [string, string, string],
  ) => {
    const ok = JSON.stringify(expected) === JSON.stringify(actual);
    assertions.push({ name: what, ok, expected, actual });
    if (ok) return;
    findings.push({ code, message: `${name}: ${sentence}.`, fix, object: from, expected, actual });
  };
  const at = ({ count, first }: Breaks) => `${count} ${count === 1 ? "row" : "rows"} of ${from}, first ${first},`;
  const one = rows === 0 ? 0 : 1;

  mustBe("rows without their own hash", 0, altered.count, [
    "CHAIN_ROWS_ALTERED",
    `${at(altered)} do not have the hash of their payload`,
    altered.count === rows
      ? "As it is every row: see first whether payload and algorithm are what the hashes were made with."
      : "These rows were changed after they were written: compare them with another backup.",
  ]);
  mustBe("rows without their predecessor", 0, orphans.count, [
    "CHAIN_PREDECESSOR_MISSING",
    `${at(orphans)} follow a row that is not there`,
    "The row before was removed or changed: compare with another backup.",
  ]);
  mustBe("forks", 0, forks.count, [
    "CHAIN_FORKED",
    `${at(forks)} follow the same row as another one, or repeat its hash`,
    "Rows were written beside the chain, or restored twice: see which of them belong to it.",
  ]);
  mustBe("rows in circles", 0, circles.count, [
    "CHAIN_HAS_CIRCLE",
    `${at(circles)} follow one another in a circle, apart from the chain`,
    "They were put in beside the chain; let the payload cover the previous hash, so that nobody can.",
  ]);
  mustBe("beginnings", one, beginnings, [
    "CHAIN_BEGINNING_WRONG",
    `${from} has ${beginnings} rows that begin a chain, and one is expected`,
    beginnings === 0
      ? "The first row is gone, or genesis does not say what its previous hash is."
      : "Rows of another chain came in, or the table holds one chain for each of several groups: check a view of one.",
  ]);
  mustBe("ends", one, ends, [
    "CHAIN_END_WRONG",
    `${from} has ${ends} rows that nothing follows, and one is expected`,
    "The chain is broken or forked: see the other findings.",
  ]);
  const cutOff = "Rows at the chain's end were cut off or added: see how many rows the source or another backup has.";
  if (recorded) {
    const { rows: before, heads: ended, is_whole } = recorded;
    const brokenBefore = is_whole ? "" : " It was broken already when the backup was made.";
    mustBe("rows as recorded", before, rows, [
      "CHAIN_ROWS_DIFFER",
      `${from} has ${rows} rows, and had ${before} when the backup was made`,
      cutOff + brokenBefore,
    ]);
    mustBe("end as recorded", ended.join(" "), heads.join(" "), [
      "CHAIN_HEAD_DIFFERS",
      `${from} does not end where it ended when the backup was made`,
      cutOff + brokenBefore,
    ]);
  }
  if (head !== undefined) {
    const isNone = rows === 0 && genesis.some((value) => (value?.toLowerCase() ?? null) === head);
    mustBe("end as its head says", isNone || head === null ? "" : head, heads.join(" "), [
      "CHAIN_HEAD_DIFFERS",
      `${from} does not end at the hash that is kept as its head`,
      cutOff,
    ]);
  }
  return { assertions, findings };
}
