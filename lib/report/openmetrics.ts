import type { Verdict } from "../verdict/verdict.ts";
import { formatMetrics, type Metric, parseSamples, type Sample } from "./metric_text.ts";
import { backupAgeMs, databasesOf } from "./reported_run.ts";

/** Every metric, in the order of the file. All are gauges: each says how the last run went. */
const metrics = [
  ["last_verdict_timestamp_seconds", "Time at which the last run ended, with any verdict."],
  ["last_success_timestamp_seconds", "Time at which the last passing run ended."],
  ["verdict", "1 for the verdict of the last run, 0 for the others."],
  ["duration_seconds", "Duration of the last run, including cleanup."],
  ["phase_duration_seconds", "Duration of each phase of the last run."],
  ["backup_age_seconds", "Age of the backup when the last run started."],
  ["backup_age_limit_seconds", "Limit for the age of the backup."],
  ["backup_size_bytes", "Size of the backup, as stored."],
  ["rto_seconds", "Recovery time in the last run."],
  ["rto_limit_seconds", "Limit for the recovery time."],
  ["rpo_seconds", "Recovery point: how much data would be lost, in time."],
  ["rpo_limit_seconds", "Limit for the recovery point."],
  ["recovery_window_oldest_timestamp_seconds", "Oldest moment that can be recovered from physical backups."],
  ["recovery_window_newest_timestamp_seconds", "Newest moment that can be recovered from physical backups."],
  ["wal_gaps", "Number of gaps in the WAL on the way to the newest timeline."],
  ["findings", "Number of findings of the last run, by code."],
  ["assertions", "Number of assertions of the last run that held, failed, or were not run."],
].map(([name, help]): Metric => ({
  name: `pgrehearse_${name}`,
  help,
  unit: /_(seconds|bytes)$/.exec(name)?.[1],
}));

/**
 * Verdicts as metrics, for the textfile collector of node_exporter: OpenMetrics that Prometheus' older text format
 * reads as well.
 *
 * Each command and database has its own series. What the file says of others stays, and so does the last success of those
 * whose run failed now: an alert on its age must see it.
 *
 * @param before What the file holds now; empty if there is none.
 */
export function openMetrics(verdicts: readonly Verdict[], before = ""): string {
  const newestLast = verdicts.toSorted((a, b) => a.finished_at < b.finished_at ? -1 : 1);
  let samples = parseSamples(before).filter(({ name }) => metrics.some((metric) => metric.name === name));
  for (const verdict of newestLast) {
    for (const database of subjectsOf(verdict)) {
      const labels = { command: verdict.command, database: database.name };
      const isOwn = (sample: Sample) =>
        sample.labels.command === labels.command && sample.labels.database === labels.database;
      const known = (name: string) => samples.find((sample) => isOwn(sample) && sample.name === `pgrehearse_${name}`);
      const lastSuccess = known("last_success_timestamp_seconds");
      const isNewer = (known("last_verdict_timestamp_seconds")?.value ?? -Infinity) <= seconds(verdict.finished_at);
      if (!isNewer) continue; // a report made again of an older verdict
      samples = [
        ...samples.filter((sample) => !isOwn(sample)),
        ...samplesOf(verdict, database, lastSuccess?.value).map(([name, value, more]) => ({
          name: `pgrehearse_${name}`,
          labels: { ...labels, ...more },
          value,
        })),
      ];
    }
  }
  return formatMetrics(metrics, samples);
}

interface Subject {
  name: string;
  ageMs?: number;
  sizeBytes?: number;
}

/** Each database that the verdict is about; one without a name where it does not say. */
function subjectsOf(verdict: Verdict): Subject[] {
  const { restored = [], backups = [], backup, started_at } = verdict;
  if (backups.length > 0) { // of `list` and `status`, newest first
    const finished = backups.filter(({ state, purpose }) => state === "finished" && purpose !== "safety");
    return [...Map.groupBy(finished, ({ database }) => database)].map(([name, ofName]) => {
      // Of two servers' databases of one name, the one whose newest backup is older.
      const newest = [...Map.groupBy(ofName, ({ system_identifier }) => system_identifier).values()].map(([first]) =>
        first
      );
      const { age_ms, size_bytes } = newest.toSorted((a, b) => b.age_ms - a.age_ms)[0];
      return { name, ageMs: age_ms, sizeBytes: size_bytes };
    });
  }
  if (restored.length > 0) {
    return restored.map(({ database, backup }) => ({
      name: database,
      ageMs: backupAgeMs({ ...verdict, recovery: undefined, backup, started_at }),
      sizeBytes: backup.size_bytes,
    }));
  }
  const { recovery_window: window } = verdict;
  return [{
    name: databasesOf(verdict)[0] ?? window?.source ?? "",
    ageMs: backupAgeMs(verdict),
    sizeBytes: backup?.size_bytes,
  }];
}

type NewSample = [name: string, value: number, labels?: Record<string, string>];

function samplesOf(verdict: Verdict, { ageMs, sizeBytes }: Subject, lastSuccess: number | undefined): NewSample[] {
  const { recovery = {}, phases, findings, assertions } = verdict;
  const ended = seconds(verdict.finished_at);
  const success = verdict.verdict === "pass" ? ended : lastSuccess;
  const inSeconds = (name: string, ms: number | undefined): NewSample[] => ms === undefined ? [] : [[name, ms / 1_000]];
  const sums = (groups: Iterable<[string, number]>) => {
    const totals = new Map<string, number>();
    for (const [key, count] of groups) totals.set(key, (totals.get(key) ?? 0) + count);
    return [...totals];
  };
  return [
    ["last_verdict_timestamp_seconds", ended],
    ...(success === undefined ? [] : [["last_success_timestamp_seconds", success] as NewSample]),
    ...["pass", "fail", "unknown"].map((name): NewSample => [
      "verdict",
      name === verdict.verdict ? 1 : 0,
      { verdict: name },
    ]),
    ["duration_seconds", verdict.duration_ms / 1_000],
    ...sums(phases.map(({ name, duration_ms }) => [name, duration_ms]))
      .map(([phase, ms]): NewSample => ["phase_duration_seconds", ms / 1_000, { phase }]),
    ...inSeconds("backup_age_seconds", ageMs),
    ...inSeconds("backup_age_limit_seconds", recovery.backup_age_limit_ms),
    ...(sizeBytes === undefined ? [] : [["backup_size_bytes", sizeBytes] as NewSample]),
    ...inSeconds("rto_seconds", recovery.rto_ms),
    ...inSeconds("rto_limit_seconds", recovery.rto_limit_ms),
    ...inSeconds("rpo_seconds", recovery.rpo_ms),
    ...inSeconds("rpo_limit_seconds", recovery.rpo_limit_ms),
    ...ofWindow(verdict),
    ...sums(findings.map(({ code }) => [code, 1])).map(([code, count]): NewSample => ["findings", count, { code }]),
    ...["held", "failed", "not_run"].map((state): NewSample => [
      "assertions",
      assertions.filter(({ ok, not_run }) => state === (ok ? "held" : not_run ? "not_run" : "failed")).length,
      { state },
    ]),
  ];
}

function ofWindow({ recovery_window: window }: Verdict): NewSample[] {
  if (!window) return [];
  const moment = (name: string, at: string | undefined): NewSample[] =>
    at === undefined ? [] : [[`recovery_window_${name}_timestamp_seconds`, seconds(at)]];
  return [
    ...moment("oldest", window.oldest?.at),
    ...moment("newest", window.newest?.at),
    ["wal_gaps", window.gaps.filter(({ is_current }) => is_current).length],
  ];
}

function seconds(moment: string): number {
  return Date.parse(moment) / 1_000;
}
