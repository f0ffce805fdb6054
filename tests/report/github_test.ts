import assert from "node:assert/strict";
import { annotate } from "../../lib/report/surroundings.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";

Deno.test("github: one line for each failed assertion and finding, escaped as workflow commands want it", () => {
  const verdict = {
    assertions: [
      { name: "held", ok: true, expected: 1, actual: 1 },
      { name: "a:b,c%", ok: false, expected: "x\ny", actual: 2 },
    ],
    findings: [{ code: "SOME_CODE", message: "100% wrong\r\nhere.", fix: "Do: this, that." }],
  } as unknown as Verdict;
  assert.deepEqual(annotate(verdict), [
    '::error title=a%3Ab%2Cc%25::expected "x\\ny", got 2',
    "::error title=SOME_CODE::100%25 wrong%0D%0Ahere. Do: this, that.",
  ]);
});
