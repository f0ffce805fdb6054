import assert from "node:assert/strict";
import { parseComparison } from "../../lib/options/comparison.ts";

const holds = (text: string, value: string) => parseComparison(text)!.holds(value);

Deno.test("comparison: numbers are compared as numbers, exactly, however they are written", () => {
  const right: [string, string][] = [
    ["= 0", "0.00"],
    ["= 1e3", "1000"],
    ["< 1", "1e-07"],
    ["> 5", "1e+20"],
    ["between -1 and 2.5E0", "2.50"],
    ["< 9007199254740993", "9007199254740992"],
    ["> -0.5", "-.4"],
    ["!= 5", "NaN"],
  ];
  for (const [text, value] of right) assert.ok(holds(text, value), `${value} ${text}`);
  const wrong: [string, string][] = [
    ["!= 1e3", "1000"],
    ["= 9007199254740993", "9007199254740992"],
    ["< 5", "NaN"],
    ["> 5", "many"],
    ["between 1 and 2", "2.01"],
  ];
  for (const [text, value] of wrong) assert.ok(!holds(text, value), `${value} ${text}`);
});

Deno.test("comparison: text may be quoted, as in SQL", () => {
  assert.ok(holds("= done", "done") && holds("= 'done'", "done") && holds("= 'it''s'", "it's"));
  assert.ok(!holds("!= 'done'", "done") && !holds("= 'done'", "'done'"));
  assert.ok(!holds("= '007'", "7") && holds("= 007", "7"));
});

Deno.test("comparison: what is none", () => {
  for (const text of ["", "=", "5", "< many", "between 2 and 1", "between a and b", "== 0", "!== 0", "<> 0"]) {
    assert.equal(parseComparison(text), undefined, text);
  }
});
