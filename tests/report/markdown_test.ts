import assert from "node:assert/strict";
import { markdownReport } from "../../lib/report/markdown.ts";
import { failedDrill, hostileDrill, passedDrill, unknownDrill } from "../support/sample_verdicts.ts";

Deno.test("markdown: the verdict first, what is wrong worst first, then the figures", () => {
  const text = markdownReport(failedDrill());
  assert.match(text, /^## ❌ fail: The backup of shop did not pass the drill\.\n\n/);
  const codes = Array.from(text.matchAll(/^- \S+ \*\*(\S+)\*\*/gm), ([, code]) => code.replaceAll("\\", ""));
  assert.deepEqual(codes, ["ROW_COUNT_DIFFERS", "APP_NOT_STARTED", "SQL_VALUE_WRONG"]);
  assert.match(text, /^\| recovery time \\\(RTO\\\) \| 20 min 10 s \\\(limit 15 min\\\) \|$/m);
  assert.match(text, /^\| rows\\_differing \| 0 \| 2 \|$/m);
  assert.match(text, /^\| sums look right: value \| = 0 \| 3 \\\(review\\\) \|$/m);
  assert.match(text, /^\| login works: run \| true \| not run \|$/m);
  assert.match(markdownReport(passedDrill()), /all 18,230,114 rows in 42 tables, 611 definitions and 17 sequences/);
  assert.match(
    markdownReport(unknownDrill()),
    /^## ❔ unknown: It is unknown whether the backup of shop can be restored/,
  );
});

Deno.test("markdown: no text from outside is markup, a mention, a link or a new cell or line", () => {
  const lines = markdownReport(hostileDrill()).split("\n");
  const text = lines.join("\n").replaceAll(/<\/?(details|summary)>|<br>/g, "");
  assert.doesNotMatch(text, /<|@|:\/\/|(?<!\\)`/);
  for (const line of lines.filter((line) => line.startsWith("|"))) {
    const cells = line.replaceAll(/\\./g, "").split("|").length - 2;
    assert.ok(cells >= 2 && cells <= 4, line);
  }
});

Deno.test("markdown: stays far below GitHub's limit of 1 MiB", () => {
  const findings = Array.from({ length: 10_000 }, () => failedDrill().findings[1]);
  const assertions = Array.from({ length: 10_000 }, () => failedDrill().assertions[1]);
  const text = markdownReport({ ...failedDrill(), findings, assertions });
  assert.ok(text.length < 50_000, `${text.length}`);
  assert.match(text, /and 9950 more findings/);
});
