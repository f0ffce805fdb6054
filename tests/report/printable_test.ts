import assert from "node:assert/strict";
import { html } from "../../lib/report/html/html.ts";
import { junitReport } from "../../lib/report/junit.ts";
import { markdownReport } from "../../lib/report/markdown.ts";
import { formatMetrics } from "../../lib/report/metric_text.ts";
import { notification } from "../../lib/report/notification.ts";
import { printableJson } from "../../lib/report/printable.ts";
import { openDisplay } from "../../lib/report/progress/open_display.ts";
import { summarize } from "../../lib/report/summary/summary.ts";
import { annotate } from "../../lib/report/surroundings.ts";
import { failedDrill } from "../support/sample_verdicts.ts";

/** One of each kind: C0, DEL, C1 (a terminal's CSI), directions, line ends that are none, invisible ones, half of one. */
const obeyed = [
  ..."\x1b\x07\x08\x0b\r\x7f\x85\x9b\u200b\u200e\u202e\u2066\u2028\u2029\u061c\ufeff\u00ad",
  "\u{e0041}",
  "\ud800",
];
const hostile = `a${obeyed.join("b")}\x1b]0;title\x07c`;
const isObeyed = /[^\P{Cc}\n\t]|[^\P{Cf}\u200c\u200d]|[\u2028\u2029]|\p{Cs}/u;

function hostileVerdict() {
  const verdict = failedDrill();
  const findings = [{ code: "SOME_CODE", message: hostile, fix: hostile, detail: hostile, object: hostile }];
  return { ...verdict, findings, assertions: [{ name: hostile, ok: false, expected: hostile, actual: 1 }] };
}

Deno.test("printable: no control character reaches a terminal, a report, an annotation, a chat or a metric", () => {
  const verdict = hostileVerdict();
  const shown: string[] = [];
  const terminal = {
    write: (text: string) => void shown.push(text),
    canRedraw: false,
    hasColor: false,
    hasUnicode: true,
  };
  const display = openDisplay({ ...terminal, columns: () => 80, rows: () => 24 }, {
    quiet: false,
    phases: true,
    plain: true,
  });
  display.show({ kind: "message", message: hostile });
  display.show({ kind: "phase_started", name: hostile });
  display.say(hostile);
  display.end();
  const texts = {
    summary: summarize(verdict),
    progress: shown.join(""),
    annotations: annotate(verdict).join("\n"),
    markdown: markdownReport(verdict),
    junit: junitReport([verdict]),
    html: String(html`<p title="${hostile}">${hostile}</p>`.text),
    metrics: formatMetrics([{ name: "m", help: "M." }], [{ name: "m", labels: { database: hostile }, value: 1 }]),
    slack: (notification(verdict, "slack") as { text: string }).text,
    discord: JSON.parse(JSON.stringify(notification(verdict, "discord"))).embeds[0].description,
  };
  for (const [name, text] of Object.entries(texts)) {
    assert.match(text, /a\ufffdb/, name);
    assert.doesNotMatch(text, isObeyed, name);
  }
});

Deno.test("printable: JSON holds them as escapes, so that it says the same", () => {
  const text = printableJson({ [hostile]: [hostile] });
  assert.doesNotMatch(text, isObeyed);
  assert.deepEqual(JSON.parse(text), { [hostile]: [hostile] });
});

Deno.test("printable: letters of every script, and signs that are joined, stay", () => {
  const text = "äöü 数据库 بانک‌داده 👩‍👩‍👧 e\u0301\t|";
  assert.ok(formatMetrics([{ name: "m", help: "M." }], [{ name: "m", labels: { a: text }, value: 1 }]).includes(text));
});
