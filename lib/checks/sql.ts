import { z } from "zod";
import { comparisonText } from "../values/fields.ts";
import { type CheckContext, type CheckResult, defineCheck, type OptionsOf } from "./check.ts";

const shape = {
  database: z.string().optional().describe("Which database; may be left out where there is only one."),
  sql: z.string().min(1).describe("One query. It runs read-only, and what it does is rolled back."),
  expect: comparisonText.optional().describe(
    "What its one value must be: = != < > <= >= with a value, or between A and B. Without it, the query must return " +
      "no rows: rows that should not be.",
  ),
  show: z.boolean().default(false).describe("Let the value, or up to 5 of the rows, stand in the verdict."),
};

type Options = OptionsOf<typeof shape>;

/** How many of the rows that should not be are shown. */
const shownRows = 5;

export const sqlCheck = defineCheck({
  kind: "sql",
  summary: "A query's one value is as expected; or the query finds none of the rows that should not be.",
  shape,
  run: (options, context) => options.expect ? compareValue(options, context) : findNoRows(options, context),
});

async function compareValue(
  { name, sql, database, expect, show }: Options,
  context: CheckContext,
): Promise<CheckResult> {
  const rows = await context.inDatabase(database, (session) => session.unsafe<Record<string, unknown>[]>(sql));
  const values = rows.map((row) => Object.values(row));
  const isOne = values.length === 1 && values[0].length === 1;
  const value = isOne ? asText(values[0][0]) : undefined;
  const ok = typeof value === "string" && expect!.holds(value);
  const actual = !isOne ? `${rows.length} rows` : show || isCount(sql) ? value : "not shown";
  return {
    assertions: [{ name: "value", ok, expected: expect!.text, actual }],
    findings: ok ? [] : [{
      code: "SQL_VALUE_WRONG",
      message: isOne
        ? `${name}: the query gives ${actual === "not shown" ? "another value" : actual}, and ${
          expect!.text
        } is expected.`
        : `${name}: the query gives ${rows.length} rows, and one row of one column is expected.`,
      fix: isOne ? "See why the restored data differs from what the check expects." : "Let the query give one value.",
      expected: expect!.text,
      actual,
    }],
  };
}

async function findNoRows({ name, sql, database, show }: Options, context: CheckContext): Promise<CheckResult> {
  const rows = await context.inDatabase(database, (session) => session.unsafe<Record<string, unknown>[]>(sql));
  const ok = rows.length === 0;
  const shown = show ? rows.slice(0, shownRows).map((row) => JSON.stringify(row)).join("\n") : undefined;
  return {
    assertions: [{ name: "rows", ok, expected: 0, actual: rows.length }],
    findings: ok ? [] : [{
      code: "SQL_ROWS_FOUND",
      message: `${name}: ${rows.length} ${rows.length === 1 ? "row" : "rows"} that should not be.`,
      fix: show ? "See the detail." : "Run the query on a restored copy, or give the check show: true to see some.",
      ...(shown && { detail: shown }),
      expected: 0,
      actual: rows.length,
    }],
  };
}

function asText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : value instanceof Date ? value.toISOString() : JSON.stringify(value);
}

/** A count is no row's content; any other value may be. */
function isCount(sql: string): boolean {
  return /^\s*select\s+(pg_catalog\.)?count\s*\(/i.test(sql);
}
