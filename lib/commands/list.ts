import { configOptions } from "../options/config_options.ts";
import { listOptions } from "../options/retention_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { fromOptions, ofDatabaseOptions, reachOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { chooseStore } from "./said.ts";

const description = `Lists the backups in a directory or bucket, newest first: name, age, size,
format, server version, whether it is encrypted, and verdict and proof of the
last drill. A dump without a manifest is shown as unfinished.`;

const epilogue = `
Exit status: 0 the store was read; 2 it was not.

Example:
  pgrehearse list --from /var/backups/pg`;

const options = {
  ...fromOptions,
  ...configOptions,
  ...ofDatabaseOptions,
  ...listOptions,
  ...reachOptions,
  ...outputOptions,
} as const;

export const listCommand = defineCommand({
  name: "list",
  summary: "list the backups in a store",
  description,
  epilogue,
  options,
  async run(given) {
    const path = await chooseStore(given);
    await runSettled({ ...given, path }, async (settled) => {
      const { list } = await import("../jobs/store/list.ts");
      return await list(settled);
    });
  },
});
