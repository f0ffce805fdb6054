import { Command } from "@commander-js/extra-typings";
import { compareOptions } from "../options/compare_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { jobsOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

const description = `Compares a database that you restored yourself with the manifest of a backup:
every row, definition, sequence and large object; with --privileges also
owners, grants and what roles can do. It writes nothing.`;

const epilogue = `
Exit status: 0 equal; 1 it differs; 2 could not compare.

Example:
  pgrehearse compare --db-url postgresql://localhost/restored --manifest shop.manifest.json`;

const options = {
  ...connectionOptions,
  ...compareOptions,
  jobs: { ...jobsOptions.jobs, help: "number of sessions that read at the same time" },
  ...timeoutOptions,
  ...waitOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function compareCommand(execute: Execute) {
  const command = new Command("compare")
    .summary("compare a restored database with a manifest")
    .description(description)
    .addHelpText("after", epilogue)
    .action((_, command) => {
      const said = readSaid(command, options);
      return execute(said, async (job) => {
        const { compare } = await import("../jobs/compare/compare.ts");
        return await compare({ ...job, ...settle(options, said), env: Deno.env.toObject() });
      });
    });
  return declareOptions(command, options);
}
