import assert from "node:assert/strict";
import { liveLine } from "../../lib/report/progress/live_line.ts";
import { liveLines } from "../../lib/report/progress/live_lines.ts";
import { openDisplay, plainLines } from "../../lib/report/progress/open_display.ts";
import { noteAmount, startPhase } from "../../lib/report/progress/running_phase.ts";
import { describeTerminal, type Terminal } from "../../lib/report/progress/terminal.ts";
import type { Amount } from "../../lib/system/amount.ts";
import { screenAfter } from "../support/screen.ts";

const megabyte = 1_000_000;

/** A phase that has come so far in so many seconds, at an even pace. */
function phaseAt(name: string, amount: Amount, seconds: number) {
  const phase = startPhase(name, 0);
  noteAmount(phase, { ...amount, done: 0, share: amount.share === undefined ? undefined : 0 }, 0);
  noteAmount(phase, amount, seconds * 1_000);
  return phase;
}

const line = (phase: ReturnType<typeof startPhase>, seconds: number, columns: number, hasUnicode = true) =>
  liveLine(phase, { columns: () => columns, hasUnicode }, seconds * 1_000);

Deno.test("progress: a phase's line has bar, share, time left, amount and rate, in 79 of 80 columns", () => {
  const phase = phaseAt("dump", { done: 250 * megabyte, total: 1_000 * megabyte, unit: "bytes" }, 10);
  assert.equal(line(phase, 10, 80), "  dump             ████░░░░░░░░░░░░  25 %  0:30 left  250 MB of 1 GB  25 MB/s");
  assert.match(line(phase, 10, 68), /250 MB of 1 GB$/);
  assert.match(line(phase, 10, 80, false), /####-{12} /);
});

Deno.test("progress: no line is wider than the terminal, however narrow that is", () => {
  const amounts: Amount[] = [
    { done: 1, unit: "rows", what: "public.a_table_with_a_long_name_indeed" },
    { done: 45.2e6, total: 1e9, unit: "rows", what: "public.a_table_with_a_long_name_indeed" },
    { done: 2, total: 17, unit: "indexes", what: "public.orders: building index: sorting live tuples" },
    { done: 2, total: 17, unit: "tables", share: 0.4 },
    { done: 3, total: 0, unit: "bytes" },
  ];
  for (const amount of amounts) {
    for (const columns of [1, 10, 20, 40, 60, 80, 81, 132, 250]) {
      const text = line(phaseAt("a_database/restore", amount, 100), 100, columns);
      assert.ok(text.length < Math.max(2, columns), `${columns} columns: ${text}`);
    }
  }
});

Deno.test("progress: without an amount there is the time; tables of different sizes count by their share", () => {
  assert.equal(line(startPhase("cluster", 0), 61, 80), "  cluster          1:01");
  const phase = phaseAt("manifest", { done: 1, total: 50, unit: "tables", share: 0.9 }, 9);
  assert.match(line(phase, 9, 80), /90 % {2}0:01 left {2}1 of 50 tables$/);
});

Deno.test("progress: time left follows the pace of the last while, and another unit begins anew", () => {
  const phase = startPhase("restore", 0);
  for (let second = 0; second <= 60; second++) {
    const done = second <= 30 ? second : 30 + (second - 30) * 10;
    noteAmount(phase, { done: done * 1_000, total: 1_000_000, unit: "rows" }, second * 1_000);
  }
  assert.match(line(phase, 60, 120), /1:07 left .* 10K rows\/s$/);
  noteAmount(phase, { done: 400_000, total: 1_600_000, unit: "bytes" }, 61_000);
  assert.match(line(phase, 61, 120), /25 % {2}1:01 {2}400 kB of 1\.6 MB$/);
});

/** A display on a terminal of 80 columns, and what it wrote. */
function recorded(open: (terminal: Terminal) => ReturnType<typeof openDisplay>) {
  let text = "";
  const terminal: Terminal = {
    canRedraw: true,
    hasColor: true,
    hasUnicode: true,
    columns: () => 80,
    rows: () => 24,
    write: (more) => void (text += more.replaceAll("\n", "\r\n")), // as a terminal does
  };
  // How long it took is the machine's affair.
  return { display: open(terminal), screen: () => screenAfter(text).map(withoutTime), text: () => text };
}

const withoutTime = (line: string) => line.replace(/\b0:\d\d\b/, "0:00");

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("progress: phases at the same time have a line each, which nothing that is said tears, and leave none", async () => {
  const { display, screen } = recorded(liveLines);
  display.show({ kind: "phase_started", name: "shop/dump" });
  display.show({ kind: "phase_started", name: "blog/dump" });
  display.show({ kind: "measured", name: "shop/dump", amount: { done: 1, total: 2, unit: "bytes" } });
  await pause(700);
  assert.deepEqual(screen().map((line) => line.slice(0, 30)), [
    "  shop/dump        ████████░░░",
    "  blog/dump        0:00",
  ]);
  display.show({ kind: "message", message: "waiting for a table that another session has locked" });
  display.say("one\ntwo");
  display.show({ kind: "phase", phase: { name: "shop/dump", duration_ms: 900 }, failed: false });
  display.show({ kind: "phase_started", name: "shop/write" });
  await pause(300);
  assert.deepEqual(screen().filter(Boolean), [
    "  waiting for a table that another session has locked",
    "one",
    "two",
    "  shop/dump          900 ms",
    "  blog/dump        0:00",
    "  shop/write       0:00",
  ]);
  display.show({ kind: "phase", phase: { name: "blog/dump", duration_ms: 62_000 }, failed: true });
  display.show({ kind: "phase", phase: { name: "shop/write", duration_ms: 1 }, failed: false });
  display.say("the last word");
  display.end();
  assert.deepEqual(screen().filter(Boolean).slice(3), [
    "  shop/dump          900 ms",
    "  blog/dump        1 min 2 s, not completed",
    "  shop/write           1 ms",
    "the last word",
  ]);
});

Deno.test("progress: the cursor and the terminal's modes are left alone, as a killed run could not restore them", async () => {
  const { display, text } = recorded(liveLines);
  display.show({ kind: "phase_started", name: "dump" });
  await pause(500);
  display.end();
  assert.equal(text().includes("\x1b[?"), false);
});

Deno.test("progress: a short run draws nothing", async () => {
  const { display, text } = recorded(liveLines);
  display.show({ kind: "phase_started", name: "dump" });
  display.show({ kind: "phase", phase: { name: "dump", duration_ms: 3 }, failed: false });
  display.end();
  await pause(400);
  assert.equal(text(), "  dump                 3 ms\r\n");
});

Deno.test("progress: a log has a line at a phase's start and end, and in between how far it has come", async () => {
  const { display, text } = recorded((terminal) => plainLines(terminal, 20));
  display.show({ kind: "phase_started", name: "restore" });
  display.show({
    kind: "measured",
    name: "restore",
    amount: { done: 5e6, total: 1e7, unit: "rows", what: "public.orders" },
  });
  await pause(30);
  display.show({ kind: "phase", phase: { name: "restore", duration_ms: 65_000 }, failed: false });
  display.end();
  await pause(30);
  assert.deepEqual([...new Set(text().split("\r\n").map(withoutTime))], [
    "  restore          started",
    "  restore          50 % · 0:00 · 5M of 10M rows · public.orders",
    "  restore          1 min 5 s",
    "",
  ]);
});

Deno.test("progress: quiet shows nothing; without phases only what is said stays, and nothing is measured", () => {
  const options = { quiet: false, phases: true, plain: false };
  for (const [given, expected] of [[{ quiet: true }, ""], [{ phases: false }, "  careful\r\n"]] as const) {
    const { display, text } = recorded((terminal) => openDisplay(terminal, { ...options, ...given }));
    assert.equal(display.isMeasured, false);
    display.show({ kind: "phase_started", name: "dump" });
    display.show({ kind: "message", message: "careful" });
    display.show({ kind: "phase", phase: { name: "dump", duration_ms: 3 }, failed: false });
    display.end();
    assert.equal(text(), expected);
  }
});

Deno.test("progress: what the environment says of the terminal is heeded", () => {
  const stream = (isTerminal: boolean) => ({
    isTerminal: () => isTerminal,
    writeSync: (bytes: Uint8Array) => bytes.length,
  });
  const described = (env: Record<string, string>, isTerminal = true) => {
    const { canRedraw, hasColor, hasUnicode, columns } = describeTerminal(stream(isTerminal), env);
    return { canRedraw, hasColor, hasUnicode, columns: columns() };
  };
  const good = { TERM: "xterm", LANG: "de_DE.UTF-8", COLUMNS: "72" };
  assert.deepEqual(described(good), { canRedraw: true, hasColor: true, hasUnicode: true, columns: 72 });
  assert.equal(described({ ...good, NO_COLOR: "1" }).hasColor, false);
  assert.equal(described({ ...good, NO_COLOR: "" }).hasColor, true);
  assert.deepEqual(described({ ...good, TERM: "dumb" }).canRedraw, false);
  assert.equal(described({ ...good, LC_ALL: "C" }).hasUnicode, false);
  assert.deepEqual(described(good, false), { canRedraw: false, hasColor: false, hasUnicode: true, columns: 72 });
  assert.equal(described({ COLUMNS: "wide" }, false).columns, undefined);
});
