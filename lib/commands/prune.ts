import { Command } from "@commander-js/extra-typings";
import { configOptions } from "../options/config_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { pruneOptions } from "../options/retention_options.ts";
import { fromOptions, ofDatabaseOptions, reachOptions } from "../options/store_options.ts";
import { runConfigured } from "./run_configured.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";
import { chooseStore } from "./choose_store.ts";

const description = `Lists the backups that the retention policy does not keep, and with --yes
removes them. The policy applies to each database of each cluster separately;
without any --keep option it is --keep-daily 30. It never removes the newest
backup, the newest whole one, the newest that passed a drill, or a backup that
is unfinished or unreadable. Before it removes anything, it reads the newest
whole backup, which must match its manifest. It keeps and reports locked
backups. Only --keep-safety removes safety backups, which hold what a restore
replaced.`;

const epilogue = `
Exit status: 0 done or listed; 2 could not read or write the store.

Example:
  pgrehearse prune --from /var/backups/pg --keep-last 7 --keep-daily 30`;

const options = {
  ...fromOptions,
  ...configOptions,
  ...ofDatabaseOptions,
  ...pruneOptions,
  ...reachOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function pruneCommand(execute: Execute) {
  const command = new Command("prune")
    .summary("remove the backups that the retention policy does not keep")
    .description(description)
    .addHelpText("after", epilogue)
    .action(async (_, command) => {
      const said = readSaid(command, options);
      const path = await chooseStore(command, said);
      return await execute(said, (job) =>
        runConfigured(job, { command, options, said, path }, async (settled) => {
          const { prune } = await import("../jobs/store/prune.ts");
          return await prune(settled);
        }));
    });
  return declareOptions(command, options);
}
