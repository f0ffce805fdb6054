import { connectionOptions } from "../options/connection_options.ts";
import { workloadOptions } from "../options/rehearsal_options.ts";
import { outputOptions, waitOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

const description = `Migrates a database and appends synthetic rows to its audit chain. Then it
prints the chain's state: row_count and chain_head_hash. The database is the
one of --db-url, otherwise of DATABASE_URL, otherwise of libpq's variables and
files.`;

const epilogue = `
Exit status: 0 done; 2 failed.

Example:
  pgrehearse workload --db-url postgresql://localhost/demo --rows 1000`;

const options = {
  ...connectionOptions,
  ...workloadOptions,
  ...waitOptions,
  ...outputOptions,
} as const;

export const workloadCommand = defineCommand({
  name: "workload",
  summary: "migrate a database and append rows to its audit chain",
  description,
  epilogue,
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { workload } = await import("../jobs/chain.ts");
      return await workload(settled);
    }),
});
