import { type Lsn, parseLsn } from "./lsn.ts";
import { segmentBytesOf } from "./wal_name.ts";

/** What `backup_label` says: where recovery begins. */
interface BackupLabel {
  startLsn: Lsn;
  timeline: number;
  /** Absent where the server writes its times in a zone that only itself knows. */
  startedAt?: Date;
  walSegmentBytes?: number;
  /** Of an increment: where the backup began that it is based on. */
  incrementalFrom?: Lsn;
}

/** Reads a `backup_label`; `undefined` if it is not one: Postgres would refuse it. */
export function parseBackupLabel(text: string): BackupLabel | undefined {
  const value = (name: string) => new RegExp(`^${name}: (.*?)\\s*$`, "m").exec(text)?.[1];
  const [, place = "", file = ""] = /^(\S+) \(file ([0-9A-F]{24})\)$/.exec(value("START WAL LOCATION") ?? "") ?? [];
  const startLsn = parseLsn(place);
  if (startLsn === undefined) return undefined;
  const timeline = parseInt(file.slice(0, 8), 16);
  const from = parseLsn(value("INCREMENTAL FROM LSN") ?? "");
  return {
    startLsn,
    timeline,
    startedAt: serverTime(value("START TIME")),
    walSegmentBytes: segmentBytesOf(place, file),
    ...(from !== undefined && { incrementalFrom: from }),
  };
}

/** Reads a time as servers write it into labels, `2026-01-02 03:04:05 UTC`; the offset of other zones is unknown. */
function serverTime(text: string | undefined): Date | undefined {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT|Etc\/UTC)$/.exec(text ?? "") ?? [];
  return day === undefined ? undefined : new Date(`${day}T${time}Z`);
}
