import { Command } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { dbUrlOption, debugOption, quietOption, waitOption } from "./options.ts";

const description = `Walks a database's audit chain in one read-only snapshot and says whether it
is whole. Works on any database that has audit_events, audit_chain_head and
audit_events_verify_chain(). The database is --db-url, else DATABASE_URL, else
what libpq's variables and files say.`;

const epilogue = `
Exit status: 0 the chain is whole; 1 it is broken; 2 could not verify.

Example:
  pgrehearse verify --db-url postgresql://localhost/demo`;

export function verifyCommand(execute: Execute) {
  return new Command("verify")
    .summary("say whether a database's audit chain is whole")
    .description(description)
    .addOption(dbUrlOption())
    .addOption(waitOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, ...options }) =>
      execute(options, async (job) => {
        const { verify } = await import("../jobs/chain/verify.ts");
        return await verify({ ...job, ...options, env: Deno.env.toObject(), waitMs: wait });
      })
    );
}
