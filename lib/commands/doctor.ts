import { Command } from "@commander-js/extra-typings";
import { doctorOptions } from "../options/compare_options.ts";
import { configOptions } from "../options/config_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { programOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { partOf } from "../options/settle.ts";
import { reachOptions } from "../options/store_options.ts";
import { chooseConfig, runConfigured } from "./run_configured.ts";
import { declareOptions, isFlagged, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

const description = `Checks everything that backups and drills need, and says what to do about each
problem. It checks this host; the database of --db-url or DATABASE_URL; the
store of --store; with a configuration, every database in it and its store. It
writes only a throwaway cluster and, into the store, a file of 4 KiB that it
reads back and removes.`;

const epilogue = `
Exit status: 0 no problems, perhaps warnings; 1 something is missing.

Example:
  pgrehearse doctor --db-url postgresql://localhost/shop --store /var/backups/pg`;

const options = {
  ...connectionOptions,
  ...doctorOptions,
  ...configOptions,
  ...reachOptions,
  ...timeoutOptions,
  waitMs: { ...waitOptions.waitMs, default: "0" },
  ...programOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function doctorCommand(execute: Execute) {
  const command = new Command("doctor")
    .summary("check whether backups and drills will work here")
    .description(description)
    .addHelpText("after", epilogue)
    .action(async (_, command) => {
      const said = readSaid(command, options);
      const isSaid = isFlagged(command, options.storeAddress) || said.dbUrl !== undefined;
      const path = await chooseConfig(command, said, { isSaid });
      return await execute(said, (job) =>
        runConfigured(job, { command, options, said, path }, async (settled) => {
          const { doctor } = await import("../jobs/doctor/doctor.ts");
          const { storeAddress: address } = settled;
          const store = address === undefined ? undefined : { address, ...partOf(reachOptions, settled) };
          return await doctor({ ...settled, store });
        }));
    });
  return declareOptions(command, options);
}
