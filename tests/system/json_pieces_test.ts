import assert from "node:assert/strict";
import { jsonPieces } from "../../lib/system/json_pieces.ts";

Deno.test("JSON in pieces is what JSON.stringify writes", () => {
  const values: unknown[] = [
    null,
    undefined,
    "a\nb",
    [],
    {},
    [undefined, () => {}, Symbol("x"), NaN, new Date(0)],
    { a: undefined, b: () => {}, c: { d: { e: { f: [1, { g: "x\ny" }, []] } } }, 'k\n"': [[[[1, [2]]]], {}] },
    { toJSON: () => ({ x: [1] }) },
    { nested: { toJSON: () => "y" }, ["__proto__"]: 1, set: new Set([1]), nothing: Object.create(null) },
    { long: Array.from({ length: 20_000 }, (_, n) => ({ n, text: "ü".repeat(n % 7), list: [n, { n }] })) },
  ];
  for (const value of values) {
    const pieces = [...jsonPieces(value)];
    assert.equal(pieces.join(""), JSON.stringify(value, null, 2) ?? "null");
    assert.ok(pieces.length < 100);
  }
  assert.ok([...jsonPieces(values.at(-1))].length > 5);
});
