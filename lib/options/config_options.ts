import type { Declarations } from "./declaration.ts";

/** Which configuration is used. */
export const configOptions = {
  configPath: {
    flag: "--config <file>",
    type: "text",
    help: "the configuration (default: ./pgrehearse.jsonc, not for root; else /etc/pgrehearse/pgrehearse.jsonc)",
  },
} as const satisfies Declarations;

/** Which share of its databases a run is about. */
export const shardOptions = {
  shard: {
    flag: "--shard <index/count>",
    type: "shard",
    help: "only a share of the configuration's databases, such as 0/4, and what belongs to them",
  },
} as const satisfies Declarations;
