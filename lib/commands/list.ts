import { Command, Option } from "@commander-js/extra-typings";
import { chooseStore, configOption, fromOrConfigOption } from "./config_options.ts";
import type { Execute } from "./execute.ts";
import { wholeNumber } from "./option_values.ts";
import { debugOption, quietOption } from "./options.ts";
import {
  databaseOption,
  endpointOption,
  regionOption,
  systemIdentifierOption,
  trustedKeyOption,
} from "./store_options.ts";

const description = `Lists the backups in a directory or bucket, newest first: name, age, size,
format, server version, whether it is encrypted, and the last drill's verdict
and proof. A dump without manifest is shown as unfinished.`;

const epilogue = `
Exit status: 0 the store was read; 2 it could not be.

Example:
  pgrehearse list --from /var/backups/pg`;

export function listCommand(execute: Execute) {
  return new Command("list")
    .summary("list the backups in a store")
    .description(description)
    .addOption(fromOrConfigOption())
    .addOption(configOption())
    .addOption(databaseOption())
    .addOption(systemIdentifierOption())
    .addOption(trustedKeyOption())
    .addOption(
      new Option("--limit <n>", "show the newest so many").default(50).argParser((text) =>
        wholeNumber(text, 1, 1_000_000)
      ),
    )
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async ({ trustedKey: trustedKeys, ...options }, command) => {
      const chosen = await chooseStore(command, options);
      return await execute(options, async (job) => {
        const { list } = await import("../jobs/store/list.ts");
        return await list({ ...job, ...options, ...chosen, trustedKeys });
      });
    });
}
