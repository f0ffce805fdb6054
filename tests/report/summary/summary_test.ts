import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { summarize } from "../../../lib/report/summary/summary.ts";
import type { Finding, Verdict } from "../../../lib/verdict/verdict.ts";

const finding = (code: string, more: Partial<Finding> = {}): Finding => ({
  code,
  message: `The table public.${code.toLowerCase()} is not what it was when the backup was made.`,
  fix: "See what was said about it when it was restored, and make a new backup.",
  ...more,
});

const failed = (findings: Finding[], more: Partial<Verdict> = {}): Verdict => ({
  schema: "pgrehearse.verdict/v1",
  command: "drill",
  verdict: "fail",
  started_at: "2026-11-21T02:00:00.000Z",
  finished_at: "2026-11-21T02:01:05.000Z",
  duration_ms: 65_000,
  tool: { version: "0.1.0", deno: "2.9.6" },
  postgres: { server: "15.18", target: "throwaway" },
  phases: ["fetch", "checksum", "preflight", "cluster", "database", "restore", "capture", "compare", "cleanup"].map(
    (name) => ({ name, duration_ms: 7_222 }),
  ),
  assertions: [
    { name: "restore_status", ok: true, expected: 0, actual: 0 },
    { name: "rows_differing", ok: false, expected: 0, actual: findings.length },
  ],
  findings,
  ...more,
});

const screen = { columns: 80, rows: 24 };

Deno.test("summary: the verdict first, then time, then what is wrong, worst first, each with what to do", () => {
  const verdict = failed([finding("EARLY_WARNING", { severity: "warning" }), finding("ROWS_DIFFER")]);
  const lines = summarize(verdict, screen).split("\n");
  assert.equal(lines[0], "drill: FAIL");
  const places = [
    "of 2 assertions hold · PostgreSQL 15.18 · 1 min 5 s",
    "fetch 7.2 s · ",
    "✗ ROWS_DIFFER: ",
    "! EARLY_WARNING: ",
  ]
    .map((text) => lines.findIndex((line) => line.includes(text)));
  assert.deepEqual(places, places.toSorted((a, b) => a - b));
  assert.ok(places[0] > 0);
  assert.equal(lines.filter((line) => line.startsWith("    → ")).length, 2);
});

Deno.test("summary: fits one screen, however much is wrong; what does not fit is counted", () => {
  const many = Array.from(
    { length: 300 },
    (_, place) => finding(place % 3 === 0 ? "ROWS_DIFFER" : "INDEX_MISSING", { detail: "said\n".repeat(1_000) }),
  );
  for (const columns of [60, 80, 132]) {
    for (const rows of [24, 50]) {
      const lines = summarize(failed(many), { columns, rows }).split("\n");
      assert.ok(lines.length < rows, `${lines.length} of ${rows} lines`);
      for (const line of lines) assert.ok(line.length <= columns, line);
      const shown = lines.filter((line) => line.includes("✗")).length;
      assert.match(lines.join(" "), new RegExp(`and ${300 - shown} more findings`));
      assert.match(lines.join(" "), /INDEX_MISSING ×\d+, +ROWS_DIFFER ×\d+$/);
    }
  }
});

Deno.test("summary: in a log nothing is left out, and no line is broken", () => {
  const findings = Array.from({ length: 40 }, () => finding("ROWS_DIFFER", { detail: "1\n2\n3\n4\n5\n6\n7" }));
  const text = summarize(failed(findings));
  assert.equal(text.match(/✗ ROWS_DIFFER/g)!.length, 40);
  assert.equal(text.match(/^ {4}\| 7$/gm)!.length, 40);
  assert.match(text, /fetch 7\.2 s .* cleanup 7\.2 s$/m);
});

Deno.test("summary: an assertion that no finding explains is told in full, a word that no line holds stays whole", () => {
  const path = `/var/backups/${"a".repeat(90)}`;
  const text = summarize(
    failed([], {
      assertions: [
        { name: "chain_head_hash", ok: false, expected: "9f", actual: path },
        { name: "login", ok: false, expected: 200, actual: undefined, not_run: true },
      ],
    }),
    screen,
  );
  assert.match(text, /✗ chain_head_hash: expected "9f", got\n {4}"\/var\/backups\/a{90}"\n/);
  assert.match(text, /\? login: could not be checked/);
});

Deno.test("summary: checks come before findings, those that did not pass first, of many that passed the number", () => {
  const check = (name: string, state: "pass" | "fail" | "not_run" | "warn") => ({
    name,
    kind: "sql",
    state,
    duration_ms: 5,
  });
  const checks = [
    ...Array.from({ length: 9 }, (_, place) => check(`good ${place}`, "pass")),
    check("stale orders", "warn"),
    check("money", "fail"),
    check("login", "not_run"),
  ];
  const text = summarize(failed([finding("CHECK_FAILED", { check: "money" })], { checks }), screen);
  const marked = text.split("\n").flatMap((line) => /^ {2}([✗?!✓] \w+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(marked, ["✗ money", "? login", "! stale", "✓ 9", "✗ CHECK_FAILED"]);
  assert.match(text, /money +sql, fail, 5 ms/);
  assert.match(text, /login +sql, not run, 5 ms/);
  assert.match(text, /✗ CHECK_FAILED \(money\): /);
});

Deno.test("summary: recovery is shown with its limits", () => {
  const text = summarize(failed([], {
    recovery: { rto_ms: 240_000, rto_limit_ms: 900_000, rpo_limit_ms: 3_600_000, backup_age_ms: 90_000_000 },
  }));
  assert.match(text, /RTO 4 min \(limit 15 min\) · RPO not measured \(limit 1 h\) · backup age 25 h$/m);
});

Deno.test("summary: colors only where there are some", () => {
  const verdict = failed([finding("ROWS_DIFFER"), finding("EARLY_WARNING", { severity: "warning" })]);
  assert.equal(summarize(verdict, screen).includes("\x1b"), false);
  const colored = summarize(verdict, { ...screen, hasColor: true });
  assert.ok(colored.startsWith("drill: \x1b[1;31mFAIL\x1b[0m\n"));
  assert.ok(colored.includes("\x1b[1;33m!\x1b[0m EARLY_WARNING"));
  assert.equal(stripVTControlCharacters(colored), summarize(verdict, screen));
});

Deno.test("summary: what rows and logs hold neither paints, nor is a command to a CI", () => {
  const detail = "a\x1b[31mred\u202e\r\n  ::add-mask::x\n::error::y\tb::c";
  const text = summarize(failed([finding("ROWS", { detail })]));
  assert.doesNotMatch(text, /[^\P{Cc}\n\t]|\u202e|^\s*::/mu);
  assert.match(text, /: :add-mask::x[^]*y\tb::c/);
});

Deno.test("summary: what could not be done is not called unverified", () => {
  const outcome = (command: string, more: Partial<Verdict> = {}) =>
    summarize(failed([], { command, verdict: "unknown", phases: [], ...more })).split("\n")[0];
  assert.equal(outcome("backup"), "backup: FAILED, no backup was made");
  assert.equal(outcome("restore"), "restore: REFUSED, nothing was touched");
  const phases = [{ name: "restore", duration_ms: 1 }];
  assert.equal(outcome("restore", { phases }), "restore: FAILED, not known to be complete");
  assert.equal(outcome("prune"), "prune: FAILED");
  assert.equal(outcome("drill"), "drill: UNKNOWN: could not verify");
});

Deno.test("summary: names database, backup, its size and age, target, and what was compared", () => {
  const backup = {
    name: "shop-20261121T000000Z",
    path: "/backups/shop-20261121T000000Z.dump",
    size_bytes: 323_000_000,
    database: "shop",
    snapshot_at: "2026-11-21T00:00:00.000Z",
  };
  const compared = { tables: 2, rows: 600, definitions: 9, sequences: 1, large_objects: 0 };
  const text = summarize(failed([], { backup, compared }));
  assert.match(
    text,
    /shop: backup shop-20261121T000000Z, 323 MB, 2 h old, into a throwaway server; compared all 600 rows in 2 tables/,
  );
});
