import type { Declarations } from "./declaration.ts";

// What a run may touch, who answers for it and what is trusted is said for each run, by whoever starts it: a variable
// that was forgotten would say yes to every later one.

const env = false;

/** Who reviewed what needs a person's eyes. */
export const reviewOptions = {
  reviewedBy: {
    flag: "--reviewed-by <name>",
    type: "text",
    env,
    help: "who reviewed the checks that need review; required for a pass",
  },
} as const satisfies Declarations;

/** How a backup is drilled. */
export const drillOptions = {
  into: {
    flag: "--into <url>",
    key: "drill.into",
    type: "text",
    env, // it may hold a password
    help: "restore into a scratch database of this server",
    keyHelp: "Restore into scratch databases of this server.",
  },
  allowEmpty: {
    flag: "--allow-empty",
    key: "drill.allow_empty",
    type: "switch",
    help: "let a backup of an empty database pass",
  },
  trustDump: {
    flag: "--trust-dump",
    key: "drill.trust_dump",
    type: "switch",
    env,
    help: "restore also without isolation, and as a superuser of --into: you trust its writers",
    keyHelp: "Restore also without isolation, and as a superuser of the server: you trust all who can write the dump.",
  },
  checksum: {
    flag: "--no-checksum",
    key: "drill.checksum",
    type: "switch",
    help: "do not compare size and hash of the dump first",
    keyHelp: "Compare size and hash of the dump first.",
  },
  privileges: {
    flag: "--no-privileges",
    key: "drill.privileges",
    type: "switch",
    help: "neither restore nor compare owners and grants",
    keyHelp: "Restore and compare owners and grants as well.",
  },
  record: {
    flag: "--no-record",
    key: "drill.record",
    type: "switch",
    help: "do not keep the verdict beside the backup",
    keyHelp: "Keep the verdict beside the backup.",
  },
} as const satisfies Declarations;

/** What is drilled, and what stays of it. */
export const drilledOptions = {
  allDatabases: {
    flag: "--all-databases",
    type: "switch",
    env,
    conflicts: ["database", "configPath"],
    help: "every database of the server whose backup set is meant, and its roles",
  },
  keepRunning: {
    flag: "--keep-running",
    type: "switch",
    env,
    help: "leave the restored database, and say how to reach and remove it",
  },
} as const satisfies Declarations;

/** What roles become on the server that is restored to. */
export const roleOptions = {
  mapRoles: {
    flag: "--map-role <old=new>",
    type: "texts",
    env,
    help: "what a role of the backup is called on the server; may be repeated",
  },
  owner: {
    flag: "--owner <name>",
    type: "text",
    env,
    help: "the role that owns everything on the server, whoever owned it at the backup",
  },
} as const satisfies Declarations;

/** What is restored, and over what. */
export const restoreOptions = {
  allDatabases: {
    flag: "--all-databases",
    type: "switch",
    env,
    conflicts: ["database", "configPath", "inPlace", "promote", "undo", "schemas", "tables"],
    help:
      "every database of the server whose backup set is meant, each under its own name on the server of --target-url",
  },
  roles: {
    flag: "--roles <how>",
    type: "choice",
    choices: ["create", "require", "skip"],
    env,
    help:
      "roles that the server lacks: create them, without passwords; require that there are none; or skip owners and grants",
  },
  alterRoles: {
    flag: "--alter-roles",
    type: "switch",
    env,
    help: "with --roles create: give roles that are there the backup's attributes",
  },
  ...roleOptions,
  swap: {
    flag: "--swap",
    type: "switch",
    env,
    help: "put the restored database in the target's place, and keep the old one",
  },
  inPlace: {
    flag: "--in-place",
    type: "switch",
    env,
    conflicts: ["swap"],
    help: "overwrite the target itself",
  },
  promote: {
    flag: "--promote [record]",
    type: "optional_text",
    env,
    conflicts: ["swap", "inPlace", "schemas", "tables", "latest"],
    help: "put what an earlier restore brought back beside in the target's place",
  },
  undo: {
    flag: "--undo [record]",
    type: "optional_text",
    env,
    conflicts: ["swap", "inPlace", "promote"],
    help: "give databases the names back that --swap exchanged; without a record, see --from",
  },
  schemas: {
    flag: "--schema <pattern>",
    type: "texts",
    env,
    help: "only schemas that match, as in pg_dump; may be repeated",
  },
  tables: {
    flag: "--table <pattern>",
    type: "texts",
    env,
    help: "only tables that match, as in pg_dump, with all that hangs on them; may be repeated",
  },
} as const satisfies Declarations;

/** Who restores, who allowed it, and what is kept of what was there. */
export const authorityOptions = {
  operator: { flag: "--operator <name>", type: "text", env, help: "who restores" },
  approvedBy: { flag: "--approved-by <name>", type: "text", env, help: "who allowed it" },
  reason: { flag: "--reason <text>", type: "text", env, help: "why" },
  confirm: {
    flag: "--confirm <name>",
    type: "text",
    env,
    help: "the target's name once more, several with commas; asked for on a terminal",
  },
  terminateConnections: {
    flag: "--terminate-connections",
    type: "switch",
    env,
    help: "end other sessions in the target",
  },
  safetyStore: {
    flag: "--safety-store <store>",
    type: "text",
    help: "where the safety backup goes; beside the backup otherwise",
  },
  safetyBackup: {
    flag: "--no-safety-backup",
    type: "switch",
    env,
    help: "replace what is there without a backup of it",
  },
  record: { flag: "--record <dir>", type: "text", help: "write the incident record here, too" },
} as const satisfies Declarations;
