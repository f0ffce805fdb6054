import { compareOptions } from "../options/compare_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import { jobsOptions, outputOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

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
} as const;

export const compareCommand = defineCommand({
  name: "compare",
  summary: "compare a restored database with a manifest",
  description,
  epilogue,
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { compare } = await import("../jobs/compare/compare.ts");
      return await compare(settled);
    }),
});
