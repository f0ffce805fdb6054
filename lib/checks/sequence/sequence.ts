import { z } from "zod";
import type { Finding } from "../../verdict/verdict.ts";
import {
  type CheckContext,
  type CheckResult,
  defineCheck,
  expect,
  type OptionsOf,
  together,
  whichDatabase,
} from "../check.ts";
import { findColumns, findTable, refuseEmpty } from "../checked_table.ts";
import {
  sequenceHasDuplicates,
  sequenceHasGaps,
  sequenceHasNulls,
  sequenceNotNumbers,
  sequenceOutOfRange,
} from "./findings.ts";
import { type Gap, readNumbers } from "./sequence_numbers.ts";

const shape = {
  ...whichDatabase,
  table: z.string().min(1).describe("Which table, as in SQL: table or schema.table."),
  column: z.string().min(1).describe("The column of consecutive whole numbers."),
  per: z.array(z.string().min(1)).default([]).describe("Columns of the groups; each group has its own numbers."),
  start: z.int().optional().describe(
    "The first number. Without it, numbers that are missing at the beginning stay unnoticed.",
  ),
  show: z.boolean().default(false).describe("Show the groups of the first gaps in the verdict."),
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
    if (!numberTypes.includes(column.type)) {
      throw sequenceNotNumbers.error({ column: `${table.sql}.${column.sql}`, type: column.type, types: numberTypes });
    }
    const rows = { table: table.sql, column: column.sql, per: per.map(({ sql }) => sql), start };
    const numbers = await readNumbers(session, rows);
    if (numbers.rows === 0) refuseEmpty(table, manifest);
    return { table: table.sql, numbers };
  });
  const { missing, duplicates, nulls, others, gaps } = numbers;
  const hasGroups = options.per.length > 0;
  const rows = { check: name, table, column: options.column };
  const none = (assertion: string, actual: number, finding: Finding) =>
    expect(assertion, { ok: actual === 0, expected: 0, actual }, finding);
  return together(
    none(
      "numbers missing",
      missing,
      sequenceHasGaps({
        ...rows,
        count: missing,
        gaps: gaps.map(describeGap),
        groups: hasGroups && show ? gaps.map((gap) => `${gap.group}: ${describeGap(gap)}`) : undefined,
        hasHiddenGroups: hasGroups && !show,
      }),
    ),
    none("rows that repeat a number", duplicates, sequenceHasDuplicates({ ...rows, count: duplicates })),
    none("rows without a number", nulls, sequenceHasNulls({ ...rows, count: nulls })),
    none("rows with a number out of range", others, sequenceOutOfRange({ ...rows, count: others, start })),
  );
}

function describeGap({ after, missing }: Gap): string {
  return `${missing} after ${after}`;
}
