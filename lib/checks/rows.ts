import { z } from "zod";
import type { Finding, Note, Verdict } from "../verdict/verdict.ts";
import { type CheckContext, type CheckResult, defineCheck, type OptionsOf } from "./check.ts";
import { findTable } from "./checked_table.ts";
import { runOperatorSql } from "./operator_sql.ts";

const shape = {
  database: z.string().optional().describe("Which database; may be left out where there is only one."),
  table: z.string().min(1).describe("Which table, as in SQL: table or schema.table."),
  minimum: z.int().nonnegative().default(1).describe("How many rows it must have at least."),
  percent_of_last_good: z.number().positive().max(100).optional().describe(
    "How many rows it must have at least, in percent of those that the last drill found which passed.",
  ),
};

type Options = OptionsOf<typeof shape>;

export const rowsCheck = defineCheck({
  kind: "rows",
  summary: "A table has at least so many rows, and not far fewer than in the last good drill.",
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
  const enough = count >= minimum;
  const assertions = [{ name: "rows", ok: enough, expected: `>= ${minimum}`, actual: count }];
  const findings: Finding[] = enough ? [] : [{
    code: "ROWS_TOO_FEW",
    message: `${name}: ${table} has ${count} rows, and at least ${minimum} are expected.`,
    fix: "See whether the backup holds them all, and what removed rows before it was made.",
    object: table,
    expected: `>= ${minimum}`,
    actual: count,
  }];
  if (percent === undefined) return { assertions, findings };

  const last = rowsIn(await context.lastGoodDrill(), name);
  if (last === undefined) return { assertions, findings, notes: [firstOfItsKind(name)] };
  const least = Math.ceil(last * percent / 100);
  const ok = count >= least;
  assertions.push({ name: "rows against the last good drill", ok, expected: `>= ${least}`, actual: count });
  if (!ok) {
    findings.push({
      code: "ROWS_FEWER_THAN_BEFORE",
      message: `${name}: ${table} has ${count} rows; the last good drill found ${last}, and ${percent} % of them is ` +
        `${least}.`,
      fix: "See what removed rows since then. If that is right, pass a drill once without percent_of_last_good.",
      object: table,
      expected: `>= ${least}`,
      actual: count,
    });
  }
  return { assertions, findings };
}

/** What this check counted in an earlier drill. */
function rowsIn(verdict: Verdict | undefined, check: string): number | undefined {
  const counted = verdict?.assertions.find(({ name, ok }) => ok && name === `${check}: rows`)?.actual;
  return typeof counted === "number" ? counted : undefined;
}

function firstOfItsKind(name: string): Note {
  return {
    code: "NO_EARLIER_DRILL",
    message:
      `${name}: no earlier drill that passed has counted these rows, so they are held against the minimum alone.`,
  };
}
