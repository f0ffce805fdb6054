import assert from "node:assert/strict";
import { parseDurationMs } from "../../lib/options/parse_value.ts";

Deno.test("duration: units, fractions and a bare 0; anything else is none", () => {
  const durations = { "0": 0, "500ms": 500, "60s": 60_000, "1.5h": 5_400_000, "15m": 900_000, "8d": 691_200_000 };
  for (const [text, ms] of Object.entries(durations)) assert.equal(parseDurationMs(text), ms, text);
  for (const text of ["", "5", "-1s", "1 s", "soon", "1e3s", "s", "1w"]) {
    assert.equal(parseDurationMs(text), undefined, text);
  }
});
