import type { Declarations } from "./declaration.ts";

const heading = "Physical backups:";

// What is recovered, and how far, is said for each run. PGREHEARSE_TO would also mean the store of `backup --to`.

const env = false;

/** Where physical backups and their WAL come from. */
export const physicalOptions = {
  physical: {
    flag: "--physical <source>",
    type: "text",
    env,
    help: "a directory of pg_basebackup, or of several; pgbackrest:STANZA; barman:SERVER; or 'command:CMD {dir}'",
    example: "/backups/base",
    heading,
  },
  walArchive: {
    flag: "--wal-archive <dir>",
    type: "text",
    help: "the directory that archive_command fills",
    example: "/backups/wal",
    heading,
  },
  restoreCommand: {
    flag: "--restore-command <command>",
    type: "text",
    env: false, // it is run
    help: "what fetches a WAL file, as restore_command has it: %f is its name, %p where it goes",
    example: "wal-g wal-fetch %f %p",
    heading,
  },
} as const satisfies Declarations;

/** Which physical backup is recovered, how far, and how thoroughly it is looked at. */
export const recoveryOptions = {
  set: {
    flag: "--set <name>",
    type: "text",
    env,
    help: "this backup, and not the newest that leads to the target",
    heading,
  },
  to: {
    flag: "--to <point>",
    type: "choice",
    env,
    choices: ["latest", "immediate"],
    help: "recover to the newest point of the WAL (unless a target is named), or to the end of the backup",
    conflicts: ["toTime", "toLsn", "toXid", "toName"],
    heading,
  },
  toTime: {
    flag: "--to-time <time>",
    type: "text",
    env,
    form: {
      // As it was written: Postgres counts microseconds.
      pattern: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d(:\d\d)?)$/,
      says: "It must be a time with its zone, such as 2026-01-02T03:04:05Z.",
    },
    help: "recover up to this time",
    conflicts: ["to", "toLsn", "toXid", "toName"],
    heading,
  },
  toLsn: {
    flag: "--to-lsn <lsn>",
    type: "text",
    env,
    form: {
      pattern: /^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/,
      says: "It must be a place in the WAL, such as 0/3000028.",
    },
    help: "recover up to this place in the WAL",
    conflicts: ["to", "toTime", "toXid", "toName"],
    heading,
  },
  toXid: {
    flag: "--to-xid <xid>",
    type: "text",
    env,
    form: { pattern: /^\d{1,20}$/, says: "It must be the number of a transaction." },
    help: "recover up to the commit of this transaction",
    conflicts: ["to", "toTime", "toLsn", "toName"],
    heading,
  },
  toName: {
    flag: "--to-name <name>",
    type: "text",
    env,
    help: "recover up to this restore point (pg_create_restore_point)",
    conflicts: ["to", "toTime", "toLsn", "toXid"],
    heading,
  },
  mark: {
    flag: "--mark <manifest>",
    type: "text",
    env,
    help: "recover to this manifest's snapshot and compare with it: its file, or its name in --from, or latest",
    conflicts: ["to", "toTime", "toLsn", "toXid", "toName"],
    heading,
  },
  verify: {
    flag: "--verify <level>",
    type: "choice",
    choices: ["quick", "standard", "full"],
    default: "standard",
    help: "recover and read the catalogs; also check every file, page, table and index; also every row in its indexes",
    heading,
  },
} as const satisfies Declarations;
