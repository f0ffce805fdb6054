import { connectionOptions } from "../options/connection_options.ts";
import { outputOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

const description = `Plants a mark in the WAL of a server and prints where it is: the number of its
transaction (for drill --to-xid), its place in the WAL (for --to-lsn) and its
time. Any role may plant one, and it changes no table. On an idle server it gives
--to-time a commit to reach; from cron, it shows how far recovery comes.`;

const epilogue = `
Exit status: 0 planted; 2 could not plant it.

Example:
  pgrehearse mark --light --db-url postgresql://localhost/shop`;

const options = {
  light: {
    flag: "--light",
    type: "switch",
    env: false,
    required: true,
    help: "plant only the mark; nothing is read (so far the only way)",
  },
  ...connectionOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...outputOptions,
} as const;

export const markCommand = defineCommand({
  name: "mark",
  summary: "plant a mark in the WAL, to recover to",
  description,
  epilogue,
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { mark } = await import("../jobs/mark/mark.ts");
      return await mark(settled);
    }),
});
