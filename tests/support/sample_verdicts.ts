import type { Verdict } from "../../lib/verdict/verdict.ts";

// Verdicts as a drill gives them, for what shows verdicts.

const hour = 3_600_000;
const started = Date.parse("2026-11-21T03:00:00.000Z");
const at = (ms: number) => new Date(ms).toISOString();
const backupName = "shop-20261121T020000Z";

/** A recovery window with a gap. */
export function gappedWindow(): Verdict {
  const { schema, tool, started_at, finished_at } = passedDrill();
  const place = (lsn: string, at: string) => ({ timeline: 1, lsn, at });
  const [from, to] = [place("0/3000100", "2026-01-02T03:00:00.000Z"), place("0/9000000", "2026-01-02T03:10:00.000Z")];
  return {
    schema,
    command: "recovery-window",
    verdict: "fail",
    started_at,
    finished_at,
    duration_ms: 200,
    tool,
    postgres: {},
    phases: [],
    assertions: [],
    findings: [],
    recovery: { rpo_ms: 300_000 },
    recovery_window: {
      source: "pgbackrest:main",
      timeline: 1,
      oldest: from,
      newest: to,
      newest_segment: "00000001000000000000000C",
      segments: 9,
      size_bytes: 150_994_944,
      windows: [{ timeline: 1, backup: "20260102-030000F", from, to, ends_at: "gap" }],
      gaps: [{
        first: "000000010000000000000009",
        last: "00000001000000000000000A",
        segments: 2,
        is_current: true,
        after: to.at,
      }],
      backups: [{ name: "20260102-030000F", timeline: 1, lsn: from.lsn, at: from.at, usable: true }],
    },
  };
}

/** A drill that passed, of everything that a verdict can hold. */
export function passedDrill({ weeksAgo = 0, database = "shop" } = {}): Verdict {
  const start = started - weeksAgo * 7 * 24 * hour;
  let end = start;
  const phase = (name: string, duration_ms: number) => {
    const phase = { name, started_at: at(end), duration_ms };
    end += duration_ms;
    return phase;
  };
  const phases = [
    phase("fetch", 21_400),
    phase("checksum", 8_100),
    phase("preflight", 320),
    phase("cluster", 1_240),
    phase("database", 310),
    phase("restore", 372_000 - weeksAgo * 21_000),
    phase("capture", 61_500),
    phase("compare", 640),
    phase("checks", 12_800),
    phase("cleanup", 2_100),
  ];
  return {
    schema: "pgrehearse.verdict/v1",
    command: "drill",
    verdict: "pass",
    proof: "exact",
    started_at: at(start),
    finished_at: at(end),
    duration_ms: end - start,
    tool: { version: "0.1.0", deno: "2.9.6" },
    postgres: { server: "17.2", pg_dump: "17.2", pg_restore: "17.2", target: "throwaway" },
    phases,
    assertions: [
      { name: "damaged_dump_files", ok: true, expected: 0, actual: 0 },
      { name: "rows_differing", ok: true, expected: 0, actual: 0 },
      { name: "definitions_differing", ok: true, expected: 0, actual: 0 },
      { name: "sequences_differing", ok: true, expected: 0, actual: 0 },
      { name: "large_objects_differing", ok: true, expected: 0, actual: 0 },
      { name: "orders are recent: value", ok: true, expected: "> 1000", actual: "4213", check: "orders are recent" },
      { name: "login works: status", ok: true, expected: 200, actual: 200, check: "login works" },
    ],
    findings: [],
    notes: [{
      code: "REFRESHED_VIEW_DIFFERS",
      message: "public.daily_sales differs; the restore refreshes it.",
      object: "public.daily_sales",
    }],
    backup: {
      name: backupName.replace("shop", database),
      path: `/var/backups/pg/${backupName.replace("shop", database)}.dump`,
      manifest: `/var/backups/pg/${backupName.replace("shop", database)}.manifest.json`,
      size_bytes: 4_812_345_678 - weeksAgo * 93_000_000,
      sha256: "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea",
      snapshot_at: at(start - hour - weeksAgo * 60_000),
      database,
      server: "17.2",
    },
    compared: { tables: 42, rows: 18_230_114, definitions: 611, sequences: 17, large_objects: 0 },
    checks: [
      { name: "orders are recent", kind: "sql", state: "pass", duration_ms: 34 },
      { name: "login works", kind: "http", state: "pass", duration_ms: 12_100 },
    ],
    recovery: {
      rto_ms: end - start - 2_100,
      rto_limit_ms: 15 * 60_000,
      rpo_ms: hour + weeksAgo * 60_000,
      rpo_limit_ms: 24 * hour,
      backup_age_ms: hour + weeksAgo * 60_000,
      backup_age_limit_ms: 26 * hour,
    },
    config: {
      path: "/etc/pgrehearse/pgrehearse.jsonc",
      sha256: "9b74c9897bac770ffc029102a200c5de2a1f5b9d6e0f2c2f6b1f0f6a7d3f4c11",
    },
    controls: ["ISO27001-A.8.13", "SOC2-A1.3"],
  };
}

/** A drill that failed, in every way that matters to whoever shows it. */
export function failedDrill(): Verdict {
  const passed = passedDrill();
  return {
    ...passed,
    verdict: "fail",
    proof: undefined,
    assertions: [
      { name: "damaged_dump_files", ok: true, expected: 0, actual: 0 },
      { name: "rows_differing", ok: false, expected: 0, actual: 2 },
      { name: "definitions_differing", ok: true, expected: 0, actual: 0 },
      {
        name: "orders are recent: value",
        ok: false,
        expected: "> 1000",
        actual: "12",
        check: "orders are recent",
        severity: "warn",
      },
      { name: "sums look right: value", ok: false, expected: "= 0", actual: "3", check: "sums", severity: "review" },
      { name: "login works: run", ok: false, expected: true, actual: false, check: "login works", not_run: true },
    ],
    findings: [
      {
        code: "SQL_VALUE_WRONG",
        severity: "warning",
        check: "orders are recent",
        message: "orders are recent: the query returned 12; expected > 1000.",
        fix: "Find out why the restored data differs from what the check expects.",
      },
      {
        code: "ROW_COUNT_DIFFERS",
        object: "public.orders",
        message: "public.orders holds 4,213,003 rows; 4,213,007 were dumped.",
        fix: "Run pgrehearse compare with --source-url to name the rows.",
        detail: 'missing: ["4213004"]\nmissing: ["4213005"]\nmissing: ["4213006"]\nmissing: ["4213007"]',
        expected: 4_213_007,
        actual: 4_213_003,
      },
      {
        code: "APP_NOT_STARTED",
        check: "login works",
        message: "login works was not run: the application did not answer within 60 s.",
        fix: "See the application's output, kept beside the verdict.",
      },
    ],
    checks: [
      { name: "orders are recent", kind: "sql", state: "warn", duration_ms: 34 },
      { name: "sums", kind: "sql", state: "review", duration_ms: 51 },
      { name: "login works", kind: "http", state: "not_run", duration_ms: 60_000 },
    ],
    recovery: { ...passed.recovery, rto_ms: 1_210_000 },
  };
}

/** A run that could not look: nothing was asserted. */
export function unknownDrill(): Verdict {
  return {
    ...passedDrill(),
    verdict: "unknown",
    proof: undefined,
    assertions: [],
    compared: undefined,
    checks: undefined,
    recovery: undefined,
    notes: undefined,
    findings: [{
      code: "TOOL_NOT_FOUND",
      message: "pg_restore was not found.",
      fix: "Install PostgreSQL's client programs.",
    }],
  };
}

/** Markup, a command or a trap in one format or another. */
export const hostileText =
  `<script>alert(1)</script>"'&|\`]]>--><img src=http://127.0.0.1:9/x onerror=alert(2)>@everyone\u0000\u001b[31m\ud800`;

/** Every text that comes from outside is {@linkcode hostileText}. */
export function hostileDrill(): Verdict {
  const trap = hostileText;
  const failed = failedDrill();
  return {
    ...failed,
    command: "drill",
    assertions: [{ name: trap, ok: false, expected: trap, actual: trap, check: trap }],
    findings: [{ code: "ROWS_DIFFER", object: trap, message: trap, fix: trap, detail: trap, check: trap }],
    notes: [{ code: "SOME_NOTE", message: trap, object: trap }],
    phases: [{ name: trap, started_at: failed.started_at, duration_ms: 5 }],
    checks: [{ name: trap, kind: trap, state: "fail", duration_ms: 5 }],
    backup: { ...failed.backup!, name: trap, path: trap, database: trap, server: trap },
    config: { ...failed.config!, path: trap },
    controls: [trap],
    reviewed_by: trap,
    postgres: { server: trap, pg_dump: trap, pg_restore: trap },
  };
}
