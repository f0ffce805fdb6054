import type { Finding } from "../../verdict/verdict.ts";
import { type CheckResult, expect, together } from "../check.ts";
import type { ChainRows } from "./chain_rows.ts";
import type { ChainState } from "./chain_survey.ts";
import {
  chainBeginningWrong,
  chainEndWrong,
  chainForked,
  chainHasCircle,
  chainHeadDiffers,
  chainPredecessorMissing,
  chainRowsAltered,
  chainRowsDiffer,
} from "./findings.ts";

/** What is known of a chain apart from its rows. */
interface KnownOfChain {
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
  const mustBe = (what: string, expected: unknown, actual: unknown, finding: Finding) =>
    expect(what, { ok: JSON.stringify(expected) === JSON.stringify(actual), expected, actual }, finding);
  const facts = { check: name, table: from };
  const one = rows === 0 ? 0 : 1;
  const results = [
    mustBe(
      "rows without their own hash",
      0,
      altered.count,
      chainRowsAltered({ ...facts, ...altered, isEveryRow: altered.count === rows }),
    ),
    mustBe("rows without their predecessor", 0, orphans.count, chainPredecessorMissing({ ...facts, ...orphans })),
    mustBe("forks", 0, forks.count, chainForked({ ...facts, ...forks })),
    mustBe("rows in circles", 0, circles.count, chainHasCircle({ ...facts, ...circles })),
    mustBe("beginnings", one, beginnings, chainBeginningWrong({ ...facts, count: beginnings })),
    mustBe("ends", one, ends, chainEndWrong({ ...facts, count: ends })),
  ];
  if (recorded) {
    const { rows: before, heads: ended, is_whole } = recorded;
    const wasBroken = !is_whole;
    results.push(
      mustBe("rows as recorded", before, rows, chainRowsDiffer({ ...facts, before, rows, wasBroken })),
      mustBe("end as recorded", ended.join(" "), heads.join(" "), chainHeadDiffers.fromBackup({ ...facts, wasBroken })),
    );
  }
  if (head !== undefined) {
    const isNone = rows === 0 && genesis.some((value) => (value?.toLowerCase() ?? null) === head);
    const wanted = isNone || head === null ? "" : head;
    results.push(mustBe("end as its head says", wanted, heads.join(" "), chainHeadDiffers.fromHead(facts)));
  }
  return together(...results);
}
