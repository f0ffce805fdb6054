import { Command, Option } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { dbUrlOption, debugOption, pgBinOption, quietOption, timeoutOption, waitOption } from "./options.ts";
import { endpointOption, regionOption } from "./store_options.ts";

const description = `Looks at every prerequisite of backups and drills, and says what to do about
those that are missing: this host's; the database's, if one is named with
--db-url or DATABASE_URL; the store's, if one is named with --store. Writes
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
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(timeoutOption())
    .addOption(waitOption().default(0, "0"))
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, timeout, store: address, region, endpoint, ...options }) =>
      execute(options, async (job) => {
        const { doctor } = await import("../jobs/doctor/doctor.ts");
        return await doctor({
          ...job,
          ...options,
          ...(address !== undefined && { store: { address, region, endpoint } }),
          env: Deno.env.toObject(),
          waitMs: wait,
          timeoutMs: timeout,
        });
      })
    );
}
