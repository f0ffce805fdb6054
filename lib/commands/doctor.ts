import { Command, Option } from "@commander-js/extra-typings";
import { chooseConfig, configOption } from "./config_options.ts";
import type { Execute } from "./execute.ts";
import { dbUrlOption, debugOption, pgBinOption, quietOption, timeoutOption, waitOption } from "./options.ts";
import { endpointOption, regionOption } from "./store_options.ts";

const description = `Looks at every prerequisite of backups and drills, and says what to do about
those that are missing: this host's; the database's, if one is named with
--db-url or DATABASE_URL; the store's, if one is named with --store; with a
configuration, those of every database in it and of its store. Writes
nothing but a throwaway cluster and, into the store, a file of 4 KiB that it
reads back and removes.`;

const epilogue = `
Exit status: 0 all is there, perhaps with warnings; 1 something is missing.

Example:
  pgrehearse doctor --db-url postgresql://localhost/shop --store /var/backups/pg`;

export function doctorCommand(execute: Execute) {
  return new Command("doctor")
    .summary("say whether backups and drills will work here")
    .description(description)
    .addOption(dbUrlOption())
    .addOption(new Option("--store <store>", "the directory or s3://bucket/prefix that backups go to"))
    .addOption(configOption())
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(timeoutOption())
    .addOption(waitOption().default(0, "0"))
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async ({ wait, timeout, store: address, region, endpoint, config, ...options }, command) => {
      const isSaid = address !== undefined || options.dbUrl !== undefined;
      const choice = await chooseConfig(command, config, { isSaid });
      return await execute(options, async (job) => {
        const { doctor } = await import("../jobs/doctor/doctor.ts");
        return await doctor({
          ...job,
          ...options,
          ...choice,
          ...(address !== undefined && { store: { address, region, endpoint } }),
          env: Deno.env.toObject(),
          waitMs: wait,
          timeoutMs: timeout,
        });
      });
    });
}
