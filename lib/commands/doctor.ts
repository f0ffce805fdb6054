import { doctorOptions } from "../options/compare_options.ts";
import { configOptions } from "../options/config_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import { outputOptions, programOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { partOf } from "../options/settle.ts";
import { reachOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { isFlagged } from "./declare_options.ts";
import { chooseConfig } from "./said.ts";

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
} as const;

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "check whether backups and drills will work here",
  description,
  epilogue,
  options,
  async run(given) {
    const { command, said } = given;
    const isSaid = isFlagged(command, options.storeAddress) || said.dbUrl !== undefined;
    const path = await chooseConfig(given, { isSaid });
    await runSettled({ ...given, path }, async (settled) => {
      const { doctor } = await import("../jobs/doctor/doctor.ts");
      const { storeAddress: address } = settled;
      const store = address === undefined ? undefined : { address, ...partOf(reachOptions, settled) };
      return await doctor({ ...settled, store });
    });
  },
});
