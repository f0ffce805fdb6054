import { Command } from "@commander-js/extra-typings";
import { connectionOptions } from "../options/connection_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { workloadOptions } from "../options/rehearsal_options.ts";
import { waitOptions } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

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
} as const satisfies Declarations;

export function workloadCommand(execute: Execute) {
  const command = new Command("workload")
    .summary("migrate a database and append rows to its audit chain")
    .description(description)
    .addHelpText("after", epilogue)
    .action((_, command) => {
      const said = readSaid(command, options);
      return execute(said, async (job) => {
        const { workload } = await import("../jobs/chain.ts");
        return await workload({ ...job, ...settle(options, said), env: Deno.env.toObject() });
      });
    });
  return declareOptions(command, options);
}
