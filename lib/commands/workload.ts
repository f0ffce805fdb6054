import { Command } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { dbUrlOption, debugOption, migrationsPathOption, quietOption, rowsOption, waitOption } from "./options.ts";

const description = `Migrates a database and appends synthetic rows to its audit chain, then prints
the chain as it is: row_count and chain_head_hash. The database is --db-url,
else DATABASE_URL, else what libpq's variables and files say.`;

const epilogue = `
Exit status: 0 done; 2 could not do it.

Example:
  pgrehearse workload --db-url postgresql://localhost/demo --rows 1000`;

export function workloadCommand(execute: Execute) {
  return new Command("workload")
    .summary("migrate a database and append rows to its audit chain")
    .description(description)
    .addOption(dbUrlOption())
    .addOption(rowsOption())
    .addOption(migrationsPathOption())
    .addOption(waitOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, ...options }) =>
      execute(options, async (job) => {
        const { workload } = await import("../jobs/chain/workload.ts");
        return await workload({ ...job, ...options, env: Deno.env.toObject(), waitMs: wait });
      })
    );
}
