import { Command } from "@commander-js/extra-typings";
import { configOptions } from "../options/config_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { listOptions } from "../options/retention_options.ts";
import { fromOptions, ofDatabaseOptions, reachOptions } from "../options/store_options.ts";
import { runConfigured } from "./run_configured.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";
import { chooseStore } from "./choose_store.ts";

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
} as const satisfies Declarations;

export function listCommand(execute: Execute) {
  const command = new Command("list")
    .summary("list the backups in a store")
    .description(description)
    .addHelpText("after", epilogue)
    .action(async (_, command) => {
      const said = readSaid(command, options);
      const path = await chooseStore(command, said);
      return await execute(said, (job) =>
        runConfigured(job, { command, options, said, path }, async (settled) => {
          const { list } = await import("../jobs/store/list.ts");
          return await list(settled);
        }));
    });
  return declareOptions(command, options);
}
