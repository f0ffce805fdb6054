/** Where recovery is to stop. */
export type RecoveryTarget =
  /** As far as there is WAL. */
  | { kind: "latest" }
  /** As soon as the backup is consistent. */
  | { kind: "immediate" }
  /** After the last commit up to this time; as it was written. */
  | { kind: "time"; value: string }
  /** After the record at this place; or before it, on a timeline. */
  | { kind: "lsn"; value: string; before?: { timeline: number } }
  | { kind: "xid"; value: string }
  /** Of `pg_create_restore_point`. */
  | { kind: "name"; value: string };

/** The settings that make a server stop there. */
export function targetSettings(target: RecoveryTarget): Record<string, string> {
  const timeline = { recovery_target_timeline: "latest" };
  if (target.kind === "latest") return timeline;
  if (target.kind === "immediate") return { ...timeline, recovery_target: "immediate" };
  const at = { [`recovery_target_${target.kind}`]: target.value };
  if (target.kind !== "lsn" || !target.before) return { ...timeline, ...at };
  return { ...at, recovery_target_timeline: String(target.before.timeline), recovery_target_inclusive: "off" };
}

/** As a person writes it: `latest`, `the time 2026-01-02T03:04:05Z`. */
export function targetText(target: RecoveryTarget): string {
  switch (target.kind) {
    case "latest":
      return "the newest point of the WAL";
    case "immediate":
      return "the end of the backup";
    case "time":
      return `the time ${target.value}`;
    case "lsn":
      return `the LSN ${target.value}`;
    case "xid":
      return `the transaction ${target.value}`;
    case "name":
      return `the restore point ${target.value}`;
  }
}
