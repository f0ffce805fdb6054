import { backupToolFailed } from "../findings/tools.ts";
import type { PhysicalBackup } from "../source.ts";
import { segmentBytesOf } from "../wal_name.ts";

/** A backup in Barman's catalogue. */
export interface BarmanBackup extends PhysicalBackup {
  /** Names of its tablespaces. */
  tablespaces: string[];
}

/** As `list-backups` prints it, as far as it is used. */
interface Listed {
  backup_id: string;
  status: string;
}

/** Done, or only waiting for WAL that is still to come. */
const finished = ["DONE", "WAITING_FOR_WALS"];

/**
 * Reads what `barman -f json list-backups` printed.
 *
 * @returns Oldest first.
 */
export function readBackupList(json: string, server: string): Listed[] {
  const list = parse<Record<string, Listed[]>>(json)[server];
  if (!Array.isArray(list) || !list.every(({ backup_id, status }) => backup_id && status)) throw notUnderstood();
  return list.toSorted((a, b) => a.backup_id < b.backup_id ? -1 : 1);
}

/** Reads what `barman -f json show-backup` printed; one that failed says little. */
export function readBackup(json: string, server: string): BarmanBackup {
  const shown = parse<Record<string, Shown>>(json)[server];
  if (!shown?.backup_id || !shown.status) throw notUnderstood();
  const { base_backup_information: base = {}, tablespaces = [], status, postgresql_version: version, system_id } =
    shown;
  return {
    name: shown.backup_id,
    ...(system_id && { systemIdentifier: String(system_id) }),
    ...(version && { majorVersion: Math.floor(version / 10_000) }),
    ...(base.timeline && { timeline: base.timeline }),
    ...(base.begin_lsn && { startLsn: base.begin_lsn }),
    ...(base.end_lsn && { stopLsn: base.end_lsn }),
    ...(base.begin_time && { startedAt: new Date(base.begin_time) }),
    ...(base.end_time && { stoppedAt: new Date(base.end_time) }),
    ...(base.disk_usage_bytes && { sizeBytes: base.disk_usage_bytes }),
    ...(base.begin_lsn && base.begin_wal && { walSegmentBytes: segmentBytesOf(base.begin_lsn, base.begin_wal) }),
    ...(finished.includes(status) ? {} : { unfinished: status }),
    parents: [],
    tablespaces: (tablespaces ?? []).map(({ name }) => name),
  };
}

interface Shown {
  backup_id: string;
  status: string;
  system_id?: string | number;
  postgresql_version?: number;
  tablespaces?: { name: string }[] | null;
  base_backup_information?: Partial<{
    timeline: number;
    begin_lsn: string;
    end_lsn: string;
    begin_wal: string;
    begin_time: string;
    end_time: string;
    disk_usage_bytes: number;
  }>;
}

function parse<T>(json: string): T {
  try {
    const found = JSON.parse(json);
    if (found !== null && typeof found === "object") return found;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw notUnderstood();
}

function notUnderstood() {
  return backupToolFailed.notUnderstood.error({ program: "barman", asked: "its backups" });
}
