import type { Finding, Verdict } from "../verdict/verdict.ts";

/** A verdict to report on, with what lies beside it. */
export interface ReportedRun {
  verdict: Verdict;
  /** Where it was read, for people. */
  source: string;
  signature: SignatureState;
  /** The backup's tables, from its manifest. */
  tables: ReportedTable[] | NoTables;
}

/**
 * Whether a signature vouches for the verdict. `unchecked`: it is signed, but no key was given to check that. What was
 * altered, or signed with another key, is not reported on.
 */
export interface SignatureState {
  state: "unsigned" | "unchecked" | "verified";
  /** Id of the key. */
  signer?: string;
}

/** One table of the manifest. */
export interface ReportedTable {
  /** `schema.table`. */
  name: string;
  /** Where there are several. */
  database?: string;
  row_count: number;
  digest: string;
  /** Its rows may rightly differ. */
  is_refreshed: boolean;
  /** Its rows are not in the dump. */
  is_data_left_out: boolean;
}

/** Why there are no tables to show. */
export interface NoTables {
  absent: string;
}

export function hasTables(tables: ReportedRun["tables"]): tables is ReportedTable[] {
  return Array.isArray(tables);
}

/** Errors before warnings, otherwise as the run found them. */
export function worstFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => rank(a) - rank(b));
}

function rank({ severity }: Finding): number {
  return severity === "warning" ? 1 : 0;
}

/** Which databases a verdict is about, as they are named. Empty where it does not say. */
export function databasesOf({ restored, backup }: Verdict): string[] {
  if (restored && restored.length > 0) return restored.map(({ database }) => database);
  return backup?.database === undefined ? [] : [backup.database];
}

/** How old the backup was when the run started, in milliseconds; undefined where the verdict does not say. */
export function backupAgeMs({ recovery, backup, started_at }: Verdict): number | undefined {
  if (recovery?.backup_age_ms !== undefined) return recovery.backup_age_ms;
  const age = Date.parse(started_at) - Date.parse(backup?.snapshot_at ?? "");
  return Number.isNaN(age) ? undefined : Math.max(0, age);
}

/** Bytes of all the run's backups; undefined where the verdict does not say. */
export function backupSizeBytes({ restored, backup }: Verdict): number | undefined {
  if (restored && restored.length > 0) return restored.reduce((sum, { backup }) => sum + backup.size_bytes, 0);
  return backup?.size_bytes;
}
