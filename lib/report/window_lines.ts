import { counted, durationText, momentText, sizeText } from "../system/quantities.ts";
import type { RecoveryWindow, Verdict } from "../verdict/verdict.ts";

type Window = RecoveryWindow["windows"][number];

/** From when to when can be recovered, a line a window, and how far the newest moment is behind. */
export function windowLines({ recovery_window: window, recovery = {} }: Verdict): string[] {
  if (!window) return [];
  const { segments, size_bytes, backups, windows, timeline } = window;
  const usable = backups.filter(({ usable }) => usable).length;
  const lag = recovery.rpo_ms;
  const holds = `${counted(usable, "usable backup")} and ${counted(segments, "WAL segment")} (${sizeText(size_bytes)})`;
  return [
    `${window.source}: ${holds}, timeline ${timeline}`,
    ...windows.map((each) =>
      `  recoverable ${spanOf(each)}${each.timeline === timeline ? "" : `, timeline ${each.timeline}`}`
    ),
    ...(lag === undefined ? [] : [`  the newest moment is ${durationText(lag)} ago`]),
  ];
}

function spanOf({ from, to, backup, ends_at }: Window): string {
  const when = ({ at, lsn }: Window["from"]) => at === undefined ? lsn : `${momentText(at)} (${lsn})`;
  return `from ${when(from)} to ${when(to)}, by ${backup}${ends_at === "gap" ? "; then WAL is missing" : ""}`;
}
