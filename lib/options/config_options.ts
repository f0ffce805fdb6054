import type { Declarations } from "./declaration.ts";

/** Which configuration is used. */
export const configOptions = {
  configPath: {
    flag: "--config <file>",
    type: "text",
    help: "the configuration",
    usual: "./pgrehearse.jsonc, except for root; then /etc/pgrehearse/pgrehearse.jsonc",
  },
} as const satisfies Declarations;

/** Which share of its databases a run is about. */
export const shardOptions = {
  shard: {
    flag: "--shard <index/count>",
    type: "shard",
    help: "only this share of the configuration's databases, such as 0/4",
  },
} as const satisfies Declarations;
