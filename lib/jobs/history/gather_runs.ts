import {
  databaseOf,
  manifestSuffix,
  newestRecordFirst,
  parseRecordName,
  type RecordName,
} from "../../storage/backup_name.ts";
import { readDrillVerdict } from "../../evidence/drill_record.ts";
import { sha256Of } from "../../evidence/signature.ts";
import type { Store } from "../../storage/store.ts";
import { inParallel } from "../../system/in_parallel.ts";
import type { Finding, HistoryRun, Note, Verdict } from "../../verdict/verdict.ts";
import type { VerificationKey } from "../../evidence/signing_key.ts";
import type { LogEntry } from "../../evidence/evidence_log.ts";
import type { IncidentRecord } from "../restore/incident_record.ts";
import { recordDisagrees, recordNotSigned, recordUnreadable } from "./findings.ts";

const largestRecordBytes = 16 * 1024 * 1024;

/**
 * Gathers what a store remembers: drill records and incident records beside the backups, and the evidence log. A run that
 * several of them remember is one; what evidence says of it counts, and that a record says otherwise is a finding.
 *
 * @param log As {@linkcode readLog} gives it; empty if there is none.
 * @param limit How many records beside backups are read, newest first.
 * @param keys Where there are any, a drill that no evidence tells of counts only if one of them signed its record.
 * @returns Newest first.
 */
export async function gatherRuns(
  store: Store,
  log: readonly LogEntry[],
  { limit, keys }: { limit: number; keys: readonly VerificationKey[] },
): Promise<{ runs: HistoryRun[]; findings: Finding[]; notes: Note[] }> {
  const names: RecordName[] = [];
  for await (const { name } of store.list()) {
    const record = parseRecordName(name);
    if (record) names.push(record);
  }
  names.sort(newestRecordFirst);
  const notes: Note[] = [];
  const beside = await inParallel(
    names.slice(0, limit),
    16,
    (name) => readBeside(store, name, keys),
  );
  const { historyRunSchema } = await import("../../verdict/history_schema.ts"); // with it comes zod
  const isRun = (run: unknown) => historyRunSchema.safeParse(run).success;
  // What is altered may say anything at all; that it is altered is said elsewhere.
  const runs = log.flatMap((record) => fromEvidence(record) ?? []).filter(isRun);
  const findings: Finding[] = [];
  for (const [i, { run, isSigned }] of beside.entries()) {
    if (!run || !isRun(run)) {
      notes.push(recordUnreadable({ record: names[i].name }));
      continue;
    }
    const known = runs.find((other) => isSameRun(other, run));
    if (!known && !isSigned) {
      notes.push(recordNotSigned({ record: names[i].name }));
      continue;
    }
    if (!known) {
      runs.push(run);
      continue;
    }
    known.records = [...new Set([...known.records, ...run.records])];
    if (known.verdict !== run.verdict) findings.push(disagreement(known, run));
    known.rto_ms ??= run.rto_ms;
    known.rpo_ms ??= run.rpo_ms;
  }
  return { runs: runs.sort((a, b) => a.started_at < b.started_at ? 1 : -1), findings, notes };
}

async function readBeside(
  store: Store,
  { name, backup, kind }: RecordName,
  keys: readonly VerificationKey[],
): Promise<{ run?: HistoryRun; isSigned: boolean }> {
  if (kind === "restore") {
    const text = await new Response(store.read(name, { length: largestRecordBytes })).text();
    return { run: fromRestore(name, backup, text), isSigned: true };
  }
  const manifestSha256 = await sha256Of(store, backup + manifestSuffix);
  const read = (keys: readonly VerificationKey[]) => readDrillVerdict(store, name, { manifestSha256, keys });
  return {
    run: fromDrill(name, backup, await read([])),
    isSigned: keys.length === 0 || await read(keys) !== undefined,
  };
}

function fromEvidence({ name, state, statement }: LogEntry): HistoryRun | undefined {
  if (!statement || state === "not_evidence") return undefined;
  const { verdict } = statement.predicate;
  const restoreRecord = verdict.restore_record?.split("/").at(-1);
  return { ...runOf(verdict), records: [name, ...(restoreRecord ? [restoreRecord] : [])], evidence: state };
}

function fromDrill(name: string, backup: string, verdict: Verdict | undefined): HistoryRun | undefined {
  return verdict && { backup, database: databaseOf(backup), ...runOf(verdict), records: [name], evidence: "unsigned" };
}

/** The record's own window of lost writes is the recovery point; from start to end is the recovery time. */
function fromRestore(name: string, backup: string, text: string): HistoryRun | undefined {
  const record = parse(text);
  if (record?.schema !== "pgrehearse.restore/v1" || !record.backup || !record.data_loss_window) return undefined;
  const { started_at, finished_at, verdict = "unknown" } = record;
  const duration_ms = finished_at === undefined ? undefined : Date.parse(finished_at) - Date.parse(started_at);
  return {
    command: "restore",
    started_at,
    ...(finished_at !== undefined && { at: finished_at }),
    verdict,
    backup,
    database: record.backup.database ?? databaseOf(backup),
    size_bytes: record.backup.size_bytes,
    ...(duration_ms !== undefined && { duration_ms }),
    ...(duration_ms !== undefined && verdict === "pass" && { rto_ms: duration_ms }),
    rpo_ms: record.data_loss_window.seconds * 1000,
    records: [name],
    evidence: "unsigned",
  };
}

function runOf(verdict: Verdict): Omit<HistoryRun, "records" | "evidence"> {
  const { command, started_at, finished_at, duration_ms, proof, recovery, controls } = verdict;
  const restored = verdict.restored ?? [];
  const backup = verdict.backup ?? restored[0]?.backup;
  const sizes = restored.length > 0 ? restored.map(({ backup }) => backup.size_bytes) : [backup?.size_bytes ?? 0];
  const database = restored.length > 1
    ? restored.map(({ database }) => database).join(", ")
    : backup && (backup.database ?? databaseOf(backup.name));
  return {
    command,
    started_at,
    at: finished_at,
    verdict: verdict.verdict,
    ...(proof && { proof }),
    ...(backup && { backup: backup.name, size_bytes: sizes.reduce((sum, size) => sum + size, 0) }),
    ...(database !== undefined && { database }),
    duration_ms,
    ...pick(recovery, ["rto_ms", "rto_limit_ms", "rpo_ms", "rpo_limit_ms"]),
    ...(controls && { controls }),
  };
}

function isSameRun(a: HistoryRun, b: HistoryRun): boolean {
  if (a.command !== b.command) return false;
  return a.command === "restore" ? a.records.includes(b.records[0]) : a.started_at === b.started_at && a.at === b.at;
}

function disagreement(evidence: HistoryRun, record: HistoryRun): Finding {
  return recordDisagrees({
    record: record.records[0],
    recorded: record.verdict,
    evidence: evidence.records[0],
    evident: evidence.verdict,
    isIntact: evidence.evidence === "intact",
  });
}

function pick<T extends object, K extends keyof T>(from: T | undefined, keys: readonly K[]): Partial<Pick<T, K>> {
  const entries = keys.flatMap((key) => from?.[key] === undefined ? [] : [[key, from[key]]]);
  return Object.fromEntries(entries);
}

function parse(text: string): IncidentRecord | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
