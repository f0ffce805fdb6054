import type { Declaration } from "./declaration.ts";

/** How a backup is drilled. */
export const drillOptions = {
  into: {
    flag: "--into <url>",
    type: "text",
    help: "restore into a scratch database of this server",
    keyHelp: "Restore into scratch databases of this server.",
  },
  allow_empty: { flag: "--allow-empty", type: "switch", help: "let a backup of an empty database pass" },
  trust_dump: {
    flag: "--trust-dump",
    type: "switch",
    help: "restore also without isolation, and as a superuser of --into: you trust its writers",
    keyHelp: "Restore also without isolation, and as a superuser of the server: you trust all who can write the dump.",
  },
  checksum: {
    flag: "--no-checksum",
    type: "switch",
    help: "do not compare size and hash of the dump first",
    keyHelp: "Compare size and hash of the dump first.",
  },
  privileges: {
    flag: "--no-privileges",
    type: "switch",
    help: "neither restore nor compare owners and grants",
    keyHelp: "Restore and compare owners and grants as well.",
  },
  record: {
    flag: "--no-record",
    type: "switch",
    help: "do not keep the verdict beside the backup",
    keyHelp: "Keep the verdict beside the backup.",
  },
} as const satisfies Record<string, Declaration>;

/** Limits of a policy that can be set on the command line, too. */
export const policyOptions = {
  rto: {
    flag: "--rto-limit <duration>",
    type: "duration",
    job: "rtoLimitMs",
    help: "of the recovery time; the newest drill's own otherwise",
    keyHelp: "Recovery time: from the drill's start to the end of the last required check.",
  },
} as const satisfies Record<string, Declaration>;
