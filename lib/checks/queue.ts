import { z } from "zod";
import type { Sql } from "../postgres/connection/connect.ts";
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
import { queueCountInvalid, queueNotEmpty } from "./findings.ts";
import { readOneValue, runOperatorSql } from "./operator_sql.ts";

const countedShape = z.union([
  z.strictObject({
    table: z.string().min(1).describe("Which table, as in SQL: table or schema.table."),
    where: z.string().min(1).optional().describe("An SQL condition for the rows to count. Default: all rows."),
  }),
  z.strictObject({ sql: z.string().min(1).describe("A query that returns the count.") }),
]);

const shape = {
  ...whichDatabase,
  counts: z.record(z.string().min(1), countedShape).describe(
    "What to count, by a name for the verdict, such as jobs or dead letters.",
  ).refine((counts) => Object.keys(counts).length > 0, "must name at least one count"),
};

type Options = OptionsOf<typeof shape>;
type Counted = z.infer<typeof countedShape>;

export const queueCheck = defineCheck({
  kind: "queue",
  summary: "Counts restored jobs and dead letters, so that a person looks at them before workers start.",
  severity: "review",
  shape,
  run: countQueues,
});

async function countQueues({ name, database, counts }: Options, context: CheckContext): Promise<CheckResult> {
  const counted = await context.inDatabase(database, async (session) => {
    const counted: [string, number][] = [];
    for (const [what, how] of Object.entries(counts)) counted.push([what, await count(session, what, how)]);
    return counted;
  });
  return together(
    ...counted.map(([what, count]) =>
      expect(what, { ok: count === 0, expected: 0, actual: count }, queueNotEmpty({ check: name, what, count }))
    ),
  );
}

async function count(session: Sql, what: string, counted: Counted): Promise<number> {
  if ("table" in counted) {
    const { sql: table } = await findTable(session, counted.table);
    const where = counted.where === undefined ? "" : `WHERE (\n${counted.where}\n)`;
    const [{ count }] = await runOperatorSql<{ count: string }>(session, `SELECT count(*) FROM ${table} ${where}`);
    return Number(count);
  }
  const { rows, columns, value } = await readOneValue(session, counted.sql);
  if (rows === 1 && columns === 1 && typeof value === "string" && /^\d+$/.test(value)) return Number(value);
  throw queueCountInvalid.error({ what });
}
