import type { Declarations } from "./declaration.ts";

const most = 1_000_000_000;

/** What prune keeps. */
export const pruneOptions = {
  keepLast: {
    flag: "--keep-last <n>",
    key: "prune.keep_last",
    type: "number",
    least: 1,
    most,
    help: "keep this many of the newest backups",
    keyHelp: "Keep this many of the newest backups.",
  },
  keepDaily: {
    flag: "--keep-daily <n>",
    key: "prune.keep_daily",
    type: "number",
    least: 1,
    most,
    help: "keep the newest backup of each of the last n days",
    keyHelp: "Keep the newest backup of each of this many days.",
  },
  keepWeekly: {
    flag: "--keep-weekly <n>",
    key: "prune.keep_weekly",
    type: "number",
    least: 1,
    most,
    help: "keep the newest backup of each of the last n weeks",
    keyHelp: "Keep the newest backup of each of this many weeks.",
  },
  keepMonthly: {
    flag: "--keep-monthly <n>",
    key: "prune.keep_monthly",
    type: "number",
    least: 1,
    most,
    help: "keep the newest backup of each of the last n months",
    keyHelp: "Keep the newest backup of each of this many months.",
  },
  keepSafetyMs: {
    flag: "--keep-safety <duration>",
    key: "prune.keep_safety",
    type: "duration",
    help: "remove safety backups that are older than this",
    keyHelp: "How long safety backups are kept. Default: no limit.",
    example: "90d",
  },
  // A variable that was forgotten would remove backups, or remove them unseen.
  checksum: {
    flag: "--no-checksum",
    type: "switch",
    env: false,
    help: "do not read the newest whole backup before older ones are removed",
  },
  yes: { flag: "--yes", type: "switch", env: false, help: "remove them; without it, only list them" },
} as const satisfies Declarations;

/** When status calls a database healthy. */
export const statusOptions = {
  maxAgeMs: {
    flag: "--max-age <duration>",
    key: "status.max_age",
    elseKey: "policy.max_backup_age",
    type: "duration",
    default: "26h",
    help: "how old the newest backup may be",
  },
  maxDrillAgeMs: {
    flag: "--max-drill-age <duration>",
    key: "status.max_drill_age",
    type: "duration",
    default: "8d",
    help: "how long ago the last drill may be",
  },
} as const satisfies Declarations;

/** How much list shows. */
export const listOptions = {
  limit: {
    flag: "--limit <n>",
    type: "number",
    least: 1,
    most: 1_000_000,
    default: "50",
    help: "show at most this many, newest first",
  },
} as const satisfies Declarations;
