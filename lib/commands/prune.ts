import { configOptions } from "../options/config_options.ts";
import { pruneOptions } from "../options/retention_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { fromOptions, ofDatabaseOptions, reachOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { chooseStore } from "./said.ts";

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
} as const;

export const pruneCommand = defineCommand({
  name: "prune",
  summary: "remove the backups that the retention policy does not keep",
  description,
  epilogue,
  options,
  async run(given) {
    const path = await chooseStore(given);
    await runSettled({ ...given, path }, async (settled) => {
      const { prune } = await import("../jobs/store/prune.ts");
      return await prune(settled);
    });
  },
});
