import assert from "node:assert/strict";
import { readNamePattern, readSchemaPattern } from "../../lib/postgres/name_pattern.ts";

const known = ["public.orders", "public.Orders", "S2.O", "s2.o", "a b.c", "public.a.b", "public.x$y", "billing.orders"]
  .map((text) => ({ schema: text.slice(0, text.indexOf(".")), name: text.slice(text.indexOf(".") + 1) }));

function matched(text: string): string[] {
  const pattern = readNamePattern(text, known);
  return known.filter((named) => pattern.matches(named)).map(({ schema, name }) => `${schema}.${name}`);
}

Deno.test("name patterns", async (t) => {
  await t.step("are those of pg_dump", () => {
    assert.deepEqual(matched("PUBLIC.ORDERS"), ["public.orders"]);
    assert.deepEqual(matched("*.o"), ["s2.o"]);
    assert.deepEqual(matched('"S2"."O"'), ["S2.O"]);
    assert.deepEqual(matched('public."Ord*"'), []);
    assert.deepEqual(matched("p*.?rders"), ["public.orders", "public.Orders"]);
    assert.deepEqual(matched("b*.*"), ["billing.orders"]);
    assert.deepEqual(matched("(s2|billing).*"), ["s2.o", "billing.orders"]);
    assert.deepEqual(matched('"a.b"'), ["public.a.b"]);
    assert.deepEqual(matched("x$*"), ["public.x$y"]);
  });
  await t.step("exact names are those of pg_restore, in whatever case", () => {
    assert.deepEqual(matched("orders"), ["public.orders", "billing.orders"]);
    assert.deepEqual(matched("Orders"), ["public.Orders"]);
    assert.deepEqual(matched("S2.O"), ["S2.O"]);
    assert.deepEqual(matched("a b.c"), ["a b.c"]);
    assert.deepEqual(["s2", "S2"].filter(readSchemaPattern("S2", ["s2", "S2"])), ["S2"]);
    assert.deepEqual(["s2", "S2"].filter(readSchemaPattern("S*", ["s2", "S2"])), ["s2"]);
  });
  await t.step("what is none is refused", () => {
    for (const text of ["", "a.", '"a', "a.b.c", "a(b"]) {
      assert.throws(() => readNamePattern(text, []), { code: "PATTERN_INVALID" }, text);
    }
  });
});
