import assert from "node:assert/strict";
import fc from "fast-check";
import { batchTables } from "../../lib/manifest/rows/row_digest.ts";
import { differingBuckets, encodeBuckets } from "../../lib/manifest/rows/row_digest_buckets.ts";
import type { TableToDigest } from "../../lib/manifest/rows/rows.ts";

const MiB = 1024 * 1024;

function table(name: string, estimatedSizeBytes: number, columns = 3): TableToDigest {
  const column = { name: "c", sql: "t.c", type: { name: "int4", isBuiltIn: true } };
  return {
    ...{ oid: 1, schema: "public", name, from: name, key: null, isUnlogged: false, isMaterializedView: false },
    columns: Array(columns).fill(column),
    estimatedSizeBytes,
  };
}

Deno.test("rows: big tables are read alone, small and empty ones together, wide ones in smaller portions", () => {
  const tables = [
    table("big", 500 * MiB),
    table("medium", 6 * MiB),
    table("small", MiB),
    table("small too", MiB),
    table("widest", 0, 1600),
    table("wide", 0, 1000),
    ...Array.from({ length: 60 }, (_, i) => table(`empty ${i}`, 0)),
  ];
  const batches = batchTables(tables);
  assert.deepEqual(batches.flat(), tables);
  assert.deepEqual(batches.map((batch) => batch.map(({ name }) => name.replace(/ \d+/, ""))), [
    ["big"],
    ["medium", "small", "small too", "widest"],
    ["wide", ...Array(49).fill("empty")],
    Array(11).fill("empty"),
  ]);
});

Deno.test("rows: buckets differ exactly where their totals do", () => {
  const totals = fc.dictionary(fc.nat(255).map(String), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }));
  fc.assert(fc.property(totals, totals, fc.boolean(), (a, other, isSame) => {
    const b = isSame ? a : other;
    const [x, y] = [a, b].map((buckets) =>
      new Map(Object.entries(buckets).map(([bucket, total]) => [Number(bucket), total]))
    );
    const low = (total: bigint | undefined) => total === undefined ? undefined : BigInt.asUintN(64, total);
    const expected = Array.from({ length: 256 }, (_, i) => i).filter((i) => low(x.get(i)) !== low(y.get(i)));
    assert.deepEqual(differingBuckets(encodeBuckets(x), encodeBuckets(y)), expected);
  }));
});
