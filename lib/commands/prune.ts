import { Command, Option } from "@commander-js/extra-typings";
import { chooseStore, configOption, fromOrConfigOption } from "./config_options.ts";
import type { Execute } from "./execute.ts";
import { pruneOptions } from "../options/retention_options.ts";
import { declaredOption } from "./declared_option.ts";
import { debugOption, quietOption } from "./options.ts";
import {
  databaseOption,
  endpointOption,
  regionOption,
  systemIdentifierOption,
  trustedKeyOption,
} from "./store_options.ts";

const description = `Says which backups a retention policy does not keep, and with --yes removes
them. The policy counts for each database by itself, of each cluster; without
any --keep option it is --keep-daily 30. Never removed: the newest backup, the
newest whole one, the newest that passed a drill, and what is unfinished or
cannot be read. Before anything goes, the newest whole backup is read: it must
be what its manifest says. What is locked stays, and is reported. Backups that
restore made of what it replaced go by --keep-safety alone.`;

const epilogue = `
Exit status: 0 done, or said; 2 the store could not be read or written.

Example:
  pgrehearse prune --from /var/backups/pg --keep-last 7 --keep-daily 30`;

export function pruneCommand(execute: Execute) {
  return new Command("prune")
    .summary("remove the backups that a retention policy does not keep")
    .description(description)
    .addOption(fromOrConfigOption())
    .addOption(configOption())
    .addOption(databaseOption())
    .addOption(systemIdentifierOption())
    .addOption(trustedKeyOption())
    .addOption(declaredOption(pruneOptions.keep_last))
    .addOption(declaredOption(pruneOptions.keep_daily))
    .addOption(declaredOption(pruneOptions.keep_weekly))
    .addOption(declaredOption(pruneOptions.keep_monthly))
    .addOption(declaredOption(pruneOptions.keep_safety))
    .addOption(new Option("--no-checksum", "do not read the newest whole backup before older ones go"))
    .addOption(new Option("--yes", "remove them"))
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async ({ trustedKey: trustedKeys, keepSafety, ...options }, command) => {
      const chosen = await chooseStore(command, options);
      return await execute(options, async (job) => {
        const { prune } = await import("../jobs/store/prune.ts");
        return await prune({ ...job, ...options, ...chosen, trustedKeys, keepSafetyMs: keepSafety });
      });
    });
}
