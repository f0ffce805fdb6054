import type { Declaration } from "./declaration.ts";

const most = 1_000_000_000;

/** What prune keeps. */
export const pruneOptions = {
  keep_last: {
    flag: "--keep-last <n>",
    type: "number",
    least: 1,
    most,
    help: "keep the newest so many",
    keyHelp: "So many of the newest.",
  },
  keep_daily: {
    flag: "--keep-daily <n>",
    type: "number",
    least: 1,
    most,
    help: "keep the newest of each of the last days",
    keyHelp: "The newest of each of so many days.",
  },
  keep_weekly: {
    flag: "--keep-weekly <n>",
    type: "number",
    least: 1,
    most,
    help: "keep the newest of each of the last weeks",
    keyHelp: "The newest of each of so many weeks.",
  },
  keep_monthly: {
    flag: "--keep-monthly <n>",
    type: "number",
    least: 1,
    most,
    help: "keep the newest of each of the last months",
    keyHelp: "The newest of each of so many months.",
  },
  keep_safety: {
    flag: "--keep-safety <duration>",
    type: "duration",
    job: "keepSafetyMs",
    help: "remove backups that restore made of what it replaced, once so old",
    keyHelp: "How long backups are kept that restore made of what it replaced; for ever, otherwise.",
  },
} as const satisfies Record<string, Declaration>;

/** When status calls a database healthy. */
export const statusOptions = {
  max_age: {
    flag: "--max-age <duration>",
    type: "duration",
    job: "maxAgeMs",
    default: 26 * 3_600_000,
    defaultText: "26h",
    help: "how old the newest backup may be",
  },
  max_drill_age: {
    flag: "--max-drill-age <duration>",
    type: "duration",
    job: "maxDrillAgeMs",
    default: 8 * 86_400_000,
    defaultText: "8d",
    help: "how long ago the last drill may be",
  },
} as const satisfies Record<string, Declaration>;
