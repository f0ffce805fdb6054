import { Command, Option } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { dbUrlOption, debugOption, jobsOption, quietOption, timeoutOption, waitOption } from "./options.ts";

const description = `Compares a database, restored by whomever and wherever, with the manifest of a
backup: every row, definition, sequence and large object; with --privileges,
who owns and may do what as well. Writes nothing.`;

const epilogue = `
Exit status: 0 it is the same; 1 it differs; 2 could not verify.

Example:
  pgrehearse compare --db-url postgresql://localhost/restored --manifest shop.manifest.json`;

export function compareCommand(execute: Execute) {
  return new Command("compare")
    .summary("compare a restored database with a manifest")
    .description(description)
    .addOption(dbUrlOption())
    .requiredOption("--manifest <file>", "the manifest")
    .addOption(new Option("--source-url <url>", "the database that was dumped, to name up to 20 rows that differ"))
    .addOption(new Option("--privileges", "compare owners, grants and what roles can do as well"))
    .addOption(jobsOption("sessions that read at the same time"))
    .addOption(timeoutOption())
    .addOption(waitOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, timeout, ...options }) =>
      execute(options, async (job) => {
        const { compare } = await import("../jobs/compare/compare.ts");
        return await compare({ ...job, ...options, env: Deno.env.toObject(), waitMs: wait, timeoutMs: timeout });
      })
    );
}
