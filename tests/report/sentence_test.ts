import assert from "node:assert/strict";
import { durationText, listed, momentText, roundStepMs, sizeText } from "../../lib/system/quantities.ts";
import { explanation, headline } from "../../lib/report/sentence.ts";
import { failedDrill, passedDrill, unknownDrill } from "../support/sample_verdicts.ts";

Deno.test("sentence: a drill's says what was done, what came of it and how far the proof goes", () => {
  const exact = passedDrill();
  assert.equal(headline(exact), "The backup of shop can be restored.");
  assert.equal(
    explanation(exact),
    "On 21 November 2026, 03:00 UTC, it was restored into a throwaway server in 7 min 58 s, and all 18,230,114 rows in " +
      "42 tables, 611 definitions and 17 sequences came back exactly as recorded when the backup was taken; 2 further " +
      "checks passed too. The time is within the 15 min that a recovery may take. A loss at that moment would have " +
      "lost the last 1 h of data.",
  );
  const checked = { ...exact, proof: "checked" as const, compared: undefined, recovery: undefined };
  assert.match(
    explanation(checked),
    /2 checks passed\. No manifest says what the backup should hold/,
  );
  const restored = { ...checked, proof: "restored" as const, checks: undefined };
  assert.match(explanation(restored), /without an error\. Nothing else was checked: this does not prove that the data/);
  const brought = { database: "shop", tables: 2, rows: 600, rows_by_table: [], sequences_behind: [], not_valid: [] };
  assert.match(
    explanation({ ...restored, contents: [brought] }),
    /without an error, with 600 rows in 2 tables\. Nothing/,
  );
  const two = { ...restored, contents: [brought, { ...brought, tables: 1, rows: 1 }] };
  assert.match(explanation(two), /with 601 rows in 3 tables of 2 databases\./);
});

Deno.test("sentence: what failed or could not be verified never reads like a pass", () => {
  assert.equal(headline(failedDrill()), "The backup of shop did not pass the drill.");
  assert.match(explanation(failedDrill()), /found 2 problems, listed below\./); // a warning is none
  assert.equal(headline(unknownDrill()), "It is unknown whether the backup of shop can be restored.");
  assert.match(explanation(unknownDrill()), /A run that could not verify never counts as a pass\.$/);
  assert.equal(headline({ ...unknownDrill(), command: "backup" }), "No backup was made.");
  assert.equal(headline({ ...failedDrill(), command: "smoke" }), "pgrehearse smoke found that something is wrong.");
});

Deno.test("quantities: as people read them", () => {
  const durations = [0, 827, 4_249, 59_949, 59_950, 200_000, 3_600_000, 18_720_000, 259_200_000, 702_000_000];
  assert.deepEqual(durations.map(durationText), [
    ...["0 ms", "827 ms", "4.2 s", "59.9 s", "1 min", "3 min 20 s", "1 h", "5 h 12 min", "3 d", "8 d 3 h"],
  ]);
  assert.deepEqual([0, 999, 1_000, 4_250_000, 118e9, 999.6e9].map(sizeText), [
    ...["0 B", "999 B", "1 kB", "4.3 MB", "118 GB", "1 TB"],
  ]);
  assert.equal(momentText("2026-11-21T02:10:59Z"), "21 November 2026, 02:10 UTC");
  assert.equal(momentText("<b>"), "<b>");
  assert.deepEqual([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listed), ["", "a", "a and b", "a, b and c"]);
  assert.deepEqual([400, 478_000, 90_000_000].map((ms) => roundStepMs(ms, 5)), [100, 120_000, 21_600_000]);
});
