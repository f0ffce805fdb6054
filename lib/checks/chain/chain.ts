import { z } from "zod";
import type { Sql } from "../../postgres/connection/connect.ts";
import type { Finding } from "../../verdict/verdict.ts";
import {
  type BaselineContext,
  type CheckContext,
  type CheckResult,
  defineCheck,
  expect,
  type OptionsOf,
  together,
  whichDatabase,
} from "../check.ts";
import { findTable, refuseEmpty } from "../checked_table.ts";
import { readOneValue } from "../operator_sql.ts";
import { type ChainRows, findConfiguredChain } from "./chain_rows.ts";
import { isWhole, readChainState } from "./chain_state.ts";
import type { ChainState } from "./chain_survey.ts";
import {
  chainBeginningWrong,
  chainEndWrong,
  chainForked,
  chainHasCircle,
  chainHeadAmbiguous,
  chainHeadDiffers,
  chainPredecessorMissing,
  chainRowsAltered,
  chainRowsDiffer,
} from "./findings.ts";

const shape = {
  ...whichDatabase,
  table: z.string().min(1).describe("The table of the chain, as in SQL: table or schema.table."),
  id: z.string().min(1).default("id").describe("The column by which findings name and order rows."),
  previous_hash: z.string().min(1).describe("The column of the predecessor's hash: hexadecimal digits, or bytea."),
  hash: z.string().min(1).describe("The column of the row's own hash: hexadecimal digits, or bytea."),
  payload: z.string().min(1).describe(
    "An SQL expression over the table's columns: the hashed text, including the previous hash, such as " +
      "previous_hash || '|' || actor || '|' || action. Text is hashed as UTF-8, bytea directly.",
  ),
  algorithm: z.enum(["sha224", "sha256", "sha384", "sha512"]).default("sha256").describe("The hash function."),
  genesis: z.array(z.string().nullable()).min(1).optional().describe(
    'What stands for the previous hash in the first row. Without it: nothing (null or ""), or zeros only.',
  ),
  head: z.union([
    z.string().regex(/^[0-9a-fA-F]+$/, "must be hexadecimal digits"),
    z.strictObject({ sql: z.string().min(1).describe("A query that returns the hash at the end.") }),
  ]).optional().describe("The hash at the end of the chain, if you know it or store it separately."),
};

type Options = OptionsOf<typeof shape>;

/** What the manifest holds. */
const recordedSchema = z.object({ rows: z.int().nonnegative(), heads: z.array(z.string()), is_whole: z.boolean() });

export const chainCheck = defineCheck({
  kind: "chain",
  summary: "A chain of hashes is whole, in any order of rows: every hash fits its row, every row's predecessor " +
    "exists, and the chain has one beginning, no fork, and the same end as at backup time.",
  shape,
  run: checkChain,
  baseline: recordChain,
});

async function checkChain(options: Options, context: CheckContext): Promise<CheckResult> {
  const known = recordedSchema.safeParse(context.recorded);
  const recorded = known.success ? known.data : undefined;
  const manifest = context.manifestOf(options.database);
  return await context.inDatabase(options.database, async (session) => {
    const chain = await findConfiguredChain(session, options);
    const head = await readHead(session, options);
    const state = await readChainState(session, chain, head ?? recorded?.heads[0]);
    // Nor does a head that went with its rows say that there were none.
    if (state.rows === 0 && !head && !recorded) {
      refuseEmpty(await findTable(session, options.table), manifest);
    }
    return chainResult(options.name, chain, state, { recorded, head });
  });
}

/** A chain that is broken already is recorded unchanged: it must not prevent a backup. */
async function recordChain(options: Options, context: BaselineContext): Promise<z.infer<typeof recordedSchema>> {
  return await context.inDatabase(options.database, async (session) => {
    const state = await readChainState(session, await findConfiguredChain(session, options));
    return { rows: state.rows, heads: state.heads, is_whole: isWhole(state) };
  });
}

/** In lower-case digits; null where the query gives none, undefined where none is asked for. */
async function readHead(session: Sql, { name, head }: Options): Promise<string | null | undefined> {
  if (typeof head !== "object") return head?.toLowerCase();
  const { rows, columns, value } = await readOneValue(session, head.sql);
  // Bytea has two characters before its digits.
  if (rows < 2 && columns === 1) return value?.toLowerCase().replace(/^\\x/, "") ?? null;
  throw chainHeadAmbiguous.error({ check: name });
}

/** What is known of a chain apart from its rows. */
interface KnownOfChain {
  /** From backup time. */
  recorded?: { rows: number; heads: string[]; is_whole: boolean };
  /** In lower case; null: whoever keeps it says that there is none. */
  head?: string | null;
}

/** Says of a chain's state what is right and what is wrong. Ids and hashes are positions, and may be shown. */
function chainResult(
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
