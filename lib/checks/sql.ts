import { z } from "zod";
import type { Comparison } from "../options/comparison.ts";
import { comparisonText } from "../options/fields.ts";
import { type CheckContext, type CheckResult, defineCheck, expect, type OptionsOf, whichDatabase } from "./check.ts";
import { sqlRowsFound, sqlValueWrong } from "./findings.ts";
import { asSubquery, readOneValue, runOperatorSql } from "./operator_sql.ts";

const shape = {
  ...whichDatabase,
  sql: z.string().min(1).describe("One query. It runs read-only and is rolled back."),
  expect: comparisonText.optional().describe(
    "The expected value: = != < > <= >= with a value, or between A and B. Without it, the query must return no rows: " +
      "it looks for rows that must not exist.",
  ),
  show: z.boolean().default(false).describe("Show the value, or up to 5 of the rows, in the verdict."),
};

type Options = OptionsOf<typeof shape>;

/** How many of the rows that should not be are shown, and how much of each. */
const shown = { rows: 5, characters: 1000 };

export const sqlCheck = defineCheck({
  kind: "sql",
  summary: "A query returns the expected value; or it returns no rows.",
  shape,
  run: (options, context) =>
    options.expect ? compareValue({ ...options, expect: options.expect }, context) : findNoRows(options, context),
});

async function compareValue(
  { name, sql, database, expect: wanted, show }: Options & { expect: Comparison },
  context: CheckContext,
): Promise<CheckResult> {
  const { rows, columns, value, isBigint } = await context.inDatabase(
    database,
    (session) => readOneValue(session, sql, { show }),
  );
  const isOne = rows === 1 && columns === 1;
  const ok = isOne && typeof value === "string" && wanted.holds(value);
  const given = rows === 1 ? `${columns} columns` : rows === 0 ? "no row" : "more than one row";
  const isShown = show || (isBigint && isCount(sql));
  const actual = isOne ? value : given;
  const said = { check: name, wanted: wanted.text };
  const finding = !isOne
    ? sqlValueWrong.notOne({ check: name, given })
    : isShown
    ? sqlValueWrong.shown({ ...said, value })
    : sqlValueWrong.hidden(said);
  return expect("value", { ok, expected: wanted.text, actual: isOne && !isShown ? "not shown" : actual }, finding);
}

/** The server counts, so rows that should not be may be any number; the query runs again only to show some. */
async function findNoRows({ name, sql, database, show }: Options, context: CheckContext): Promise<CheckResult> {
  const { count, detail } = await context.inDatabase(database, async (session) => {
    const from = `FROM ${asSubquery(sql)} AS checked`;
    const [{ count }] = await runOperatorSql<{ count: string }>(session, `SELECT count(*) ${from}`, { show });
    if (!show || count === "0") return { count: Number(count), detail: "" };
    const row = `left(row_to_json(checked)::text, ${shown.characters}) AS row`;
    const some = await runOperatorSql<{ row: string }>(session, `SELECT ${row} ${from} LIMIT ${shown.rows}`, { show });
    return { count: Number(count), detail: some.map(({ row }) => row).join("\n") };
  });
  const finding = sqlRowsFound({ check: name, count, show, rows: detail || undefined });
  return expect("rows", { ok: count === 0, expected: 0, actual: count }, finding);
}

/** A count does not show a row's content; any other value may be. */
function isCount(sql: string): boolean {
  return /^\s*select\s+(pg_catalog\.)?count\s*\(/i.test(sql);
}
