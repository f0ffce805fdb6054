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
    help: "keep the newest so many",
    keyHelp: "So many of the newest.",
  },
  keepDaily: {
    flag: "--keep-daily <n>",
    key: "prune.keep_daily",
    type: "number",
    least: 1,
    most,
    help: "keep the newest of each of the last days",
    keyHelp: "The newest of each of so many days.",
  },
  keepWeekly: {
    flag: "--keep-weekly <n>",
    key: "prune.keep_weekly",
    type: "number",
    least: 1,
    most,
    help: "keep the newest of each of the last weeks",
    keyHelp: "The newest of each of so many weeks.",
  },
  keepMonthly: {
    flag: "--keep-monthly <n>",
    key: "prune.keep_monthly",
    type: "number",
    least: 1,
    most,
    help: "keep the newest of each of the last months",
    keyHelp: "The newest of each of so many months.",
  },
  keepSafetyMs: {
    flag: "--keep-safety <duration>",
    key: "prune.keep_safety",
    type: "duration",
    help: "remove backups that restore made of what it replaced, once so old",
    keyHelp: "How long backups are kept that restore made of what it replaced; for ever, otherwise.",
    example: "90d",
  },
} as const satisfies Declarations;

// A variable that was forgotten would remove backups, or remove them unseen.

/** How it goes about removing. */
export const removeOptions = {
  checksum: {
    flag: "--no-checksum",
    type: "switch",
    env: false,
    help: "do not read the newest whole backup before older ones go",
  },
  yes: { flag: "--yes", type: "switch", env: false, help: "remove them" },
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
    help: "show the newest so many",
  },
} as const satisfies Declarations;
