import assert from "node:assert/strict";
import fc from "fast-check";
import type postgres from "postgres";
import { digestTable } from "../../../lib/manifest/rows/row_digest.ts";
import { listTables } from "../../../lib/manifest/rows/rows.ts";
import { inSnapshot, startRowsCluster } from "../../support/rows_cluster.ts";
import { rowsTest } from "../../support/rows_test_case.ts";

const test = rowsTest(startRowsCluster);

const nullable = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null });
const text = fc.string({ unit: "binary" }).map((value) => value.replaceAll("\0", "0"));

/** Values as Postgres reads them; a column each. */
const columns = {
  i: nullable(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String)),
  n: nullable(fc.tuple(fc.integer(), fc.nat(99)).map(([whole, hundredths]) => `${whole}.${hundredths}`)),
  t: nullable(text),
  f: nullable(fc.oneof(fc.double(), fc.constant(-0)).map((value) => Object.is(value, -0) ? "-0" : String(value))),
  b: nullable(fc.boolean().map(String)),
  x: nullable(fc.uint8Array({ maxLength: 20 }).map((bytes) => "\\x" + bytes.toHex())),
  j: nullable(fc.json().filter((value) => !value.includes("\\u0000"))),
  a: nullable(fc.array(fc.integer().map(String), { maxLength: 4 }).map((values) => `{${values.join(",")}}`)),
};
type Row = Record<keyof typeof columns, string | null>;
const rows = fc.array(fc.record<Row>(columns), { minLength: 1, maxLength: 12 });

async function digestOf(sql: postgres.Sql, values: Row[]): Promise<string> {
  await sql.begin(async (transaction) => {
    await transaction`TRUNCATE sample`;
    await transaction`INSERT INTO sample SELECT * FROM json_populate_recordset(NULL::sample, ${
      JSON.stringify(values)
    }::text::json)`;
  });
  return await inSnapshot(sql, async () => (await digestTable(sql, (await listTables(sql))[0])).digest);
}

test("rows: any rows keep their digest in any order, and lose it with any single change", async (cluster) => {
  const sql = await cluster.database("property");
  await sql`CREATE TABLE sample (i int8, n numeric, t text, f float8, b bool, x bytea, j json, a int4[])`;
  await fc.assert(
    fc.asyncProperty(
      rows.chain((original) =>
        fc.record({
          original: fc.constant(original),
          shuffled: fc.shuffledSubarray(original, { minLength: original.length }),
          place: fc.nat(original.length - 1),
          column: fc.constantFrom(...Object.keys(columns) as (keyof Row)[]),
          other: fc.record<Row>(columns),
        })
      ),
      async ({ original, shuffled, place, column, other }) => {
        const digest = await digestOf(sql, original);
        assert.equal(await digestOf(sql, shuffled), digest);
        assert.notEqual(await digestOf(sql, original.toSpliced(place, 1)), digest, "a row less");
        assert.notEqual(await digestOf(sql, [...original, original[place]]), digest, "a row doubled");
        // Where both write alike, as 1.5 and 1.50 do in a float, there is no change to see.
        if (other[column] === original[place][column]) return;
        const changed = original.with(place, { ...original[place], [column]: other[column] });
        assert.notEqual(await digestOf(sql, changed), digest, `another ${column}`);
      },
    ),
    { numRuns: 60 },
  );
});
