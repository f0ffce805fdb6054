import { z } from "zod";
import type { Verdict } from "../verdict/verdict.ts";
import {
  type CheckContext,
  type CheckResult,
  defineCheck,
  expect,
  type OptionsOf,
  together,
  whichDatabase,
} from "./check.ts";
import { findTable } from "./checked_table.ts";
import { noEarlierDrill, rowsFewerThanBefore, rowsTooFew } from "./findings.ts";
import { runOperatorSql } from "./operator_sql.ts";

const shape = {
  ...whichDatabase,
  table: z.string().min(1).describe("Which table, as in SQL: table or schema.table."),
  minimum: z.int().nonnegative().default(1).describe("The least number of rows."),
  percent_of_last_good: z.number().positive().max(100).optional().describe(
    "The least number of rows, in percent of those in the last passing drill.",
  ),
};

type Options = OptionsOf<typeof shape>;

export const rowsCheck = defineCheck({
  kind: "rows",
  summary: "A table has at least this many rows, and not far fewer than in the last good drill.",
  shape,
  run: countRows,
});

async function countRows(options: Options, context: CheckContext): Promise<CheckResult> {
  const { name, database, minimum, percent_of_last_good: percent } = options;
  const { table, count } = await context.inDatabase(database, async (session) => {
    const { sql: table } = await findTable(session, options.table);
    const [{ count }] = await runOperatorSql<{ count: string }>(session, `SELECT count(*) FROM ${table}`);
    return { table, count: Number(count) };
  });
  const enough = expect(
    "rows",
    { ok: count >= minimum, expected: `>= ${minimum}`, actual: count },
    rowsTooFew({ check: name, table, count, minimum }),
  );
  if (percent === undefined) return enough;

  const last = rowsIn(await context.lastGoodDrill(), name);
  if (last === undefined) return { ...enough, notes: [noEarlierDrill({ check: name })] };
  const least = Math.ceil(last * percent / 100);
  const asBefore = expect(
    "rows against the last good drill",
    { ok: count >= least, expected: `>= ${least}`, actual: count },
    rowsFewerThanBefore({ check: name, table, count, last, percent, least }),
  );
  return together(enough, asBefore);
}

/** What this check counted in an earlier drill. */
function rowsIn(verdict: Verdict | undefined, check: string): number | undefined {
  const counted = verdict?.assertions.find(({ name, ok }) => ok && name === `${check}: rows`)?.actual;
  return typeof counted === "number" ? counted : undefined;
}
