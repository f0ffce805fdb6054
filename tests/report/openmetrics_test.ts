import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { parseSamples } from "../../lib/report/metric_text.ts";
import { openMetrics } from "../../lib/report/openmetrics.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { findProgram } from "../support/find_program.ts";
import {
  failedDrill,
  gappedWindow,
  hostileDrill,
  hostileText,
  passedDrill,
  unknownDrill,
} from "../support/sample_verdicts.ts";
import { needing } from "../support/needing.ts";

/** `name{label="…"} value`, without the prefix. */
function valueOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const found = parseSamples(text).filter((sample) =>
    sample.name === `pgrehearse_${name}` && Object.entries(labels).every(([key, value]) => sample.labels[key] === value)
  );
  assert.ok(found.length < 2, `${name} stands there ${found.length} times`);
  return found[0]?.value;
}

const seconds = (moment: string) => Date.parse(moment) / 1_000;

Deno.test("openmetrics: a drill's figures, in base units", () => {
  const drill = failedDrill();
  const text = openMetrics([drill]);
  const labels = { command: "drill", database: "shop" };
  assert.equal(valueOf(text, "last_verdict_timestamp_seconds", labels), seconds(drill.finished_at));
  assert.equal(valueOf(text, "last_success_timestamp_seconds", labels), undefined);
  assert.equal(valueOf(text, "verdict", { ...labels, verdict: "fail" }), 1);
  assert.equal(valueOf(text, "verdict", { ...labels, verdict: "pass" }), 0);
  assert.equal(valueOf(text, "phase_duration_seconds", { ...labels, phase: "restore" }), 372);
  assert.equal(valueOf(text, "backup_age_seconds", labels), 3_600);
  assert.equal(valueOf(text, "backup_size_bytes", labels), 4_812_345_678);
  assert.equal(valueOf(text, "rto_seconds", labels), 1_210);
  assert.equal(valueOf(text, "rto_limit_seconds", labels), 900);
  assert.equal(valueOf(text, "rpo_seconds", labels), 3_600);
  assert.equal(valueOf(text, "findings", { ...labels, code: "ROW_COUNT_DIFFERS" }), 1);
  assert.equal(valueOf(text, "assertions", { ...labels, state: "not_run" }), 1);
});

Deno.test("openmetrics: the last success outlives runs that fail, and others' series stay", () => {
  const passed = passedDrill({ weeksAgo: 1 });
  const crm = passedDrill({ weeksAgo: 1, database: "crm" });
  const failed = failedDrill();
  let text = openMetrics([passed, crm]);
  for (const verdict of [failed, unknownDrill()]) text = openMetrics([verdict], text);
  const shop = { command: "drill", database: "shop" };
  assert.equal(valueOf(text, "last_success_timestamp_seconds", shop), seconds(passed.finished_at));
  assert.equal(valueOf(text, "last_verdict_timestamp_seconds", shop), seconds(failed.finished_at));
  assert.equal(valueOf(text, "findings", { ...shop, code: "ROW_COUNT_DIFFERS" }), undefined); // of the run before
  assert.equal(valueOf(text, "verdict", { ...shop, verdict: "unknown" }), 1);
  const others = { command: "drill", database: "crm" };
  assert.equal(valueOf(text, "last_success_timestamp_seconds", others), seconds(crm.finished_at));
  assert.equal(openMetrics([passed], text), text); // reported once more, an older verdict overwrites nothing
});

Deno.test("openmetrics: of several databases, and of status, each has its own series", () => {
  const drill = passedDrill();
  const backups = ["shop", "crm"].map((database, n) => ({
    database,
    backup: { ...drill.backup!, database, size_bytes: n + 1 },
  }));
  const text = openMetrics([{ ...drill, restored: backups }]);
  assert.deepEqual(["shop", "crm"].map((database) => valueOf(text, "backup_size_bytes", { database })), [1, 2]);
  const listed = (database: string, age_ms: number, state: "finished" | "unfinished" = "finished") => ({
    name: `${database}-${age_ms}`,
    database,
    taken_at: drill.started_at,
    age_ms,
    state,
    size_bytes: 5,
    encrypted: false,
  });
  const status: Verdict = {
    ...drill,
    command: "status",
    backup: undefined,
    backups: [listed("shop", 1_000, "unfinished"), listed("shop", 7_000), listed("shop", 9_000), listed("crm", 4_000)],
  };
  const ages = openMetrics([status]);
  assert.deepEqual(["shop", "crm"].map((database) => valueOf(ages, "backup_age_seconds", { database })), [7, 4]);
});

Deno.test("openmetrics: a recovery window says from when to when, and how many gaps there are", () => {
  const samples = parseSamples(openMetrics([gappedWindow()]));
  const of = (name: string) => samples.find((sample) => sample.name === `pgrehearse_${name}`);
  assert.equal(of("wal_gaps")?.value, 1);
  assert.equal(of("wal_gaps")?.labels.database, "pgbackrest:main");
  const moments = ["oldest", "newest"].map((name) => of(`recovery_window_${name}_timestamp_seconds`)!.value);
  assert.deepEqual(moments, [Date.UTC(2026, 0, 2, 3), Date.UTC(2026, 0, 2, 3, 10)].map((ms) => ms / 1_000));
});

/** The text format's rules, in case promtool is not there: families whole and once, labels escaped, nothing twice. */
Deno.test("openmetrics: what both OpenMetrics and node_exporter's parser read", () => {
  const text = openMetrics([passedDrill(), failedDrill(), hostileDrill(), unknownDrill()]);
  assert.ok(text.endsWith("\n# EOF\n"));
  const families: string[] = [];
  const samples = new Set<string>();
  for (const line of text.split("\n").slice(0, -2)) {
    const [, kind, family, rest] = /^# (HELP|TYPE|UNIT) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "HELP") families.push(family);
    if (kind) assert.equal(family, families.at(-1), line);
    if (kind === "TYPE") assert.equal(rest, "gauge");
    if (kind === "UNIT") assert.ok(family.endsWith(`_${rest}`), line);
    if (kind) continue;
    const [, name, labels] =
      /^([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,(?=.)|(?=\})))+)\} -?[\d.e+]+$/.exec(line) ?? [];
    assert.equal(name, families.at(-1), line);
    assert.ok(!samples.has(name + labels), line);
    samples.add(name + labels);
  }
  assert.equal(new Set(families).size, families.length);
  const [{ labels }] = parseSamples(text).filter(({ labels }) => labels.database?.startsWith("<script>"));
  // deno-lint-ignore no-control-regex -- they are what is replaced
  assert.equal(labels.database, hostileText.toWellFormed().replace(/[\0\x1b]/g, "\ufffd"));
});

const promtool = await findProgram("promtool");

async function runPromtool(args: string[], input = ""): Promise<string> {
  const child = new Deno.Command(promtool!, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  return code === 0 ? "" : new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

Deno.test(needing({ promtool }, "openmetrics: promtool finds nothing to say"), async () => {
  const text = openMetrics([passedDrill(), failedDrill(), hostileDrill(), unknownDrill(), gappedWindow()]);
  assert.equal(await runPromtool(["check", "metrics"], text), "");
  assert.notEqual(await runPromtool(["check", "metrics"], text.replace("# HELP", "HELP")), "");
});

Deno.test(needing({ promtool }, "openmetrics: the alert rules are valid, and each metric in them exists"), async () => {
  const path = fileURLToPath(new URL("../../docs/alerts.yml", import.meta.url));
  assert.equal(await runPromtool(["check", "rules", path]), "");
  const used = (await Deno.readTextFile(path)).match(/pgrehearse_\w+/g)!;
  const known = new Set(
    parseSamples(openMetrics([passedDrill(), failedDrill(), gappedWindow()])).map(({ name }) => name),
  );
  assert.deepEqual(used.filter((name) => !known.has(name)), []);
});
