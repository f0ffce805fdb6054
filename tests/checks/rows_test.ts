import assert from "node:assert/strict";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { checkSystem } from "../support/checks.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("rows check", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  await sql.unsafe(`
    CREATE TABLE orders AS SELECT n FROM generate_series(1, 90) AS n;
    CREATE TABLE empty (); CREATE SCHEMA "Odd one"; CREATE TABLE "Odd one"."Orders" AS SELECT 1`);
  await sql.end();
  const databases = { shop: server.url() };
  const run = (options: object, last?: Verdict) =>
    checkSystem([{ kind: "rows", name: "orders", table: "orders", ...options } as { kind: string; name: string }], {
      databases,
      lastGoodDrill: () => Promise.resolve(last),
    });

  await t.step("so many rows pass, one fewer fails", async () => {
    assert.equal((await run({ minimum: 90 })).verdict, "pass");
    const { verdict, findings: [finding] } = await run({ minimum: 91 });
    assert.deepEqual([verdict, finding.code, finding.actual], ["fail", "ROWS_TOO_FEW", 90]);
  });

  await t.step("without a minimum, one row is enough and none is not", async () => {
    assert.equal((await run({})).verdict, "pass");
    assert.equal((await run({ table: '"Odd one"."Orders"' })).verdict, "pass");
    assert.equal((await run({ table: "empty" })).verdict, "fail");
    assert.equal((await run({ table: "empty", minimum: 0 })).verdict, "pass");
  });

  await t.step("fewer than the last good drill found fail", async () => {
    const last = await run({});
    last.assertions.push({ name: "others: rows", ok: true, expected: "", actual: 5 });
    const counted = last.assertions.find(({ name }) => name === "orders: rows")!;
    for (
      const [before, percent, verdict] of [[100, 90, "pass"], [101, 90, "fail"], [90, 100, "pass"], [91, 100, "fail"]]
    ) {
      counted.actual = before;
      const found = await run({ percent_of_last_good: percent }, last);
      assert.equal(found.verdict, verdict, `${percent} % of ${before}`);
      if (verdict === "fail") assert.equal(found.findings[0].code, "ROWS_FEWER_THAN_BEFORE");
    }
  });

  await t.step("without an earlier drill the minimum decides, and a note says so", async () => {
    const first = await run({ percent_of_last_good: 90 });
    assert.equal(first.verdict, "pass");
    assert.equal(first.notes![0].code, "NO_EARLIER_DRILL");
    assert.equal((await run({ minimum: 91, percent_of_last_good: 90 })).verdict, "fail");
  });

  await t.step("a table that does not exist, or a text that is not a name, is not run", async () => {
    for (const table of ["other", "public.orders.n", "orders; DROP TABLE orders", "a.b.c.d", '"Orders"', '"']) {
      const { verdict, findings: [finding] } = await run({ table });
      assert.equal(verdict, "unknown", table);
      assert.match(finding.code, /^CHECK_(TABLE_MISSING|NAME_INVALID)$/);
    }
  });
});
