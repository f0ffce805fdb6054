import { z } from "zod";
import { OperatorError } from "../../system/operator_error.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { type CheckContext, type CheckResult, defineCheck, type OptionsOf } from "../check.ts";
import { findColumns, findTable, refuseEmpty } from "../checked_table.ts";
import { type Gap, readNumbers } from "./sequence_numbers.ts";

const shape = {
  database: z.string().optional().describe("Which database; may be left out where there is only one."),
  table: z.string().min(1).describe("Which table, as in SQL: table or schema.table."),
  column: z.string().min(1).describe("The column of whole numbers that must follow one another."),
  per: z.array(z.string().min(1)).default([]).describe("Columns that tell the groups that are numbered one by one."),
  start: z.int().optional().describe("The first number. Without it, numbers missing before the first are not seen."),
  show: z.boolean().default(false).describe("Let the groups of the first gaps stand in the verdict."),
};

type Options = OptionsOf<typeof shape>;

export const sequenceCheck = defineCheck({
  kind: "sequence",
  summary: "A column of numbers has no gaps and no duplicates, in each group if asked.",
  shape,
  run: checkSequence,
});

const numberTypes = ["smallint", "integer", "bigint", "numeric"];

async function checkSequence(options: Options, context: CheckContext): Promise<CheckResult> {
  const { name, database, start, show } = options;
  const manifest = context.manifestOf(database);
  const { table, numbers } = await context.inDatabase(database, async (session) => {
    const table = await findTable(session, options.table);
    const [column, ...per] = await findColumns(session, table, [options.column, ...options.per]);
    if (!numberTypes.includes(column.type)) throw notNumbers(`${table.sql}.${column.sql}`, column.type);
    const rows = { table: table.sql, column: column.sql, per: per.map(({ sql }) => sql), start };
    const numbers = await readNumbers(session, rows);
    if (numbers.rows === 0) refuseEmpty(table, manifest);
    return { table: table.sql, numbers };
  });
  const { missing, duplicates, nulls, others, gaps } = numbers;
  const wrong = (code: string, actual: number, what: string, fix: string): Finding[] =>
    actual === 0 ? [] : [{ code, message: `${name}: ${actual} ${what}.`, fix, object: table, expected: 0, actual }];
  const hasGroups = options.per.length > 0;
  const gapFindings = wrong(
    "SEQUENCE_HAS_GAPS",
    missing,
    `numbers of ${table}.${options.column} are missing: ${gaps.map(describeGap).join(", ")}`,
    "See whether the backup holds these rows, and what removed them." +
      (hasGroups && !show ? " With show: true the check names the groups." : ""),
  );
  if (hasGroups && show && gapFindings.length > 0) {
    gapFindings[0].detail = gaps.map((gap) => `${gap.group}: ${describeGap(gap)}`).join("\n");
  }
  const none = (name: string, actual: number) => ({ name, ok: actual === 0, expected: 0, actual });
  return {
    assertions: [
      none("numbers missing", missing),
      none("rows that repeat a number", duplicates),
      none("rows without a number", nulls),
      none("rows with a number out of range", others),
    ],
    findings: [
      ...gapFindings,
      ...wrong(
        "SEQUENCE_HAS_DUPLICATES",
        duplicates,
        `rows of ${table} repeat a number of ${options.column}`,
        "See whether rows were restored twice; a unique constraint on the column would refuse them.",
      ),
      ...wrong(
        "SEQUENCE_HAS_NULLS",
        nulls,
        `rows of ${table} have no number in ${options.column}`,
        "See what wrote them; NOT NULL on the column would refuse them.",
      ),
      ...wrong(
        "SEQUENCE_OUT_OF_RANGE",
        others,
        `rows of ${table} have a number in ${options.column} that is ${
          start === undefined ? "" : `below ${start} or `
        }no ` +
          "whole number",
        "See what wrote them, or give the check another start.",
      ),
    ],
  };
}

function describeGap({ after, missing }: Gap): string {
  return `${missing} after ${after}`;
}

function notNumbers(column: string, type: string): OperatorError {
  return new OperatorError("SEQUENCE_NOT_NUMBERS", `${column} is of type ${type}, and not of whole numbers.`, {
    fix: `Name a column of type ${numberTypes.join(", ")}.`,
  });
}
