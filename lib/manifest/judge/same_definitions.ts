import type { Sql } from "../../postgres/connection/connect.ts";
import { permissionDenied } from "../../postgres/findings/servers.ts";
import { is } from "../../system/define_finding.ts";
import { canonicalQuery } from "../definitions/canonical_query.ts";
import { canonicalSql } from "../definitions/canonical_sql.ts";
import type { Definition } from "../definitions/definitions.ts";
import { type InScratchTransaction, isSameToServer, prepareToJudge, type PrintedPair } from "./judge.ts";
import { takeApart } from "./parts.ts";
import type { Printed } from "./printed.ts";

/** Which definitions are the same although their texts differ. */
interface Judgement {
  same: ReadonlySet<Definition>;
  /** Those that the server could not be asked of, and why, as half a sentence. */
  unjudged: ReadonlyMap<Definition, string>;
}

/**
 * Tells whether definitions whose texts differ are the same.
 *
 * Postgres keeps what it parsed, and what it prints of that, parsed again, it may print otherwise: with a cast more, or a
 * bracket less. Forms that are known are told here; of all others the restored server is asked.
 *
 * @param pairs Objects as they were and as they are; told by the former in the answer.
 * @param inScratchTransaction Without it, no server is asked.
 */
export async function sameDefinitions(
  pairs: [expected: Definition, found: Definition][],
  inScratchTransaction?: InScratchTransaction,
): Promise<Judgement> {
  const same = new Set<Definition>();
  const open = new Map<Definition, PrintedPair[]>();
  for (const [expected, found] of pairs) {
    const differing = differingParts(expected, found);
    if (differing?.length === 0) same.add(expected);
    else if (differing) open.set(expected, differing);
  }
  const unjudged = new Map<Definition, string>();
  if (open.size > 0) {
    await inScratchTransaction?.(async (sql) => {
      const obstacle = await prepareToJudge(sql);
      for (const [definition, parts] of open) {
        const answer = obstacle ?? await areSame(sql, parts);
        if (answer === true) same.add(definition);
        if (typeof answer === "string") unjudged.set(definition, answer);
      }
    });
  }
  return { same, unjudged };
}

/** @returns Why it may not ask this, as half a sentence, where it may not. */
async function areSame(sql: Sql, pairs: PrintedPair[]): Promise<boolean | string> {
  try {
    for (const pair of pairs) {
      if (!await isSameToServer(sql, pair)) return false;
    }
    return true;
  } catch (error) {
    if (is(error, permissionDenied)) return (error.cause as Error).message;
    throw error;
  }
}

/** What a server has to be asked of; undefined where it need not: they differ. */
function differingParts(expected: Definition, found: Definition): PrintedPair[] | undefined {
  if (expected.kind === "comment" || expected.kind === "security_label") return undefined;
  const [before, now] = [takeApart(expected), takeApart(found)];
  if (canonicalSql(before.frame) !== canonicalSql(now.frame)) return undefined;
  if (before.printed.length !== now.printed.length) return undefined;
  return before.printed.map((one, place): PrintedPair => [one, now.printed[place]])
    .filter(([one, other]) => canonical(one) !== canonical(other));
}

function canonical({ kind, sql }: Printed): string {
  return kind === "query" ? canonicalQuery(sql) : canonicalSql(sql);
}
