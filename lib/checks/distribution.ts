import { createHash } from "node:crypto";
import { z } from "zod";
import { captureDistribution, type Distribution } from "../manifest/distribution.ts";
import { distributionSchema } from "../manifest/manifest_schema.ts";
import {
  type BaselineContext,
  type CheckContext,
  type CheckResult,
  defineCheck,
  expect,
  type OptionsOf,
  together,
  whichDatabase,
} from "./check.ts";
import {
  distributionCountsDiffer,
  distributionNotRecorded,
  distributionNullsDiffer,
  distributionValuesMissing,
  distributionValuesNew,
} from "./findings.ts";

const shape = {
  ...whichDatabase,
  column: z.string().min(1).describe("table:column or schema.table:column, such as proofs:tenant_id."),
  show: z.boolean().default(false).describe(
    "Show up to 5 values in the verdict, and all of them in the manifest.",
  ),
};

type Options = OptionsOf<typeof shape>;

/** How many values a finding names. */
const shownValues = 5;

export const distributionCheck = defineCheck({
  kind: "distribution",
  summary: "Each value of a column, such as a tenant, has as many rows as at backup time. No value is missing or " +
    "new.",
  shape,
  run: compareDistribution,
  baseline: ({ database, column, show }: Options, context: BaselineContext) =>
    context.inDatabase(database, (sql) => captureDistribution(sql, column, { hashValues: !show })),
});

async function compareDistribution(options: Options, context: CheckContext): Promise<CheckResult> {
  const { name, database, column, show } = options;
  const restored = await context.inDatabase(database, (sql) => captureDistribution(sql, column));
  const recorded = recordedOf(restored, options, context);
  const key = (value: string) => recorded.is_hashed ? sha256(value) : value;
  const before = new Map(recorded.values.map(({ value, row_count }) => [value, row_count]));
  const missing = new Map(before);
  const added: string[] = [];
  const changed: string[] = [];
  for (const { value, row_count } of restored.values) {
    const count = before.get(key(value));
    missing.delete(key(value));
    if (count === undefined) added.push(`${value}: ${row_count} rows`);
    else if (count !== row_count) changed.push(`${value}: ${row_count} rows instead of ${count}`);
  }
  const lost = [...missing].map(([value, row_count]) =>
    `${recorded.is_hashed ? `sha256 ${value}` : value}: ${row_count} rows`
  );
  const nulls = { expected: recorded.null_row_count, actual: restored.null_row_count };
  const must = (assertion: string, values: string[], define: typeof distributionValuesNew) =>
    expect(
      assertion,
      { ok: values.length === 0, expected: 0, actual: values.length },
      define({ check: name, column, values, show: show ? shownValues : undefined }),
    );
  return together(
    must("values missing", lost, distributionValuesMissing),
    must("values new", added, distributionValuesNew),
    must("values with another number of rows", changed, distributionCountsDiffer),
    expect(
      "rows without a value",
      { ok: nulls.actual === nulls.expected, ...nulls },
      distributionNullsDiffer({ check: name, column, before: nulls.expected, now: nulls.actual }),
    ),
  );
}

/** What the manifest counted of this column, by the configuration's wish or by this check's own. */
function recordedOf(
  { table, column }: Distribution,
  { name, database, column: written }: Options,
  context: CheckContext,
): Distribution {
  const counted = context.manifestOf(database)?.distribution.find((counted) =>
    counted.table.schema === table.schema && counted.table.name === table.name && counted.column === column
  );
  if (counted) return counted;
  const own = distributionSchema.safeParse(context.recorded);
  if (own.success) return own.data;
  throw distributionNotRecorded.error({ check: name, column: written });
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
