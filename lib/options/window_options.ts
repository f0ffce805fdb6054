import type { Declarations } from "./declaration.ts";

const heading = "Physical backups:";

/** How the tools that make physical backups are called. */
export const backupToolOptions = {
  pgbackrestConfig: {
    flag: "--pgbackrest-config <file>",
    type: "text",
    help: "pgBackRest's configuration file, where it is not the usual one",
    example: "/etc/pgbackrest/pgbackrest.conf",
    heading,
  },
  barmanConfig: {
    flag: "--barman-config <file>",
    type: "text",
    help: "Barman's configuration file, where it is not the usual one",
    example: "/etc/barman.conf",
    heading,
  },
} as const satisfies Declarations;

/** What a recovery window is held against. */
export const windowOptions = {
  rpoLimitMs: {
    flag: "--rpo-limit <duration>",
    type: "duration",
    help: "how long ago the newest moment that can be recovered may be",
    example: "15m",
    heading,
  },
} as const satisfies Declarations;
