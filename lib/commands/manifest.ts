import { Command } from "@commander-js/extra-typings";
import {
  distributionOptions,
  hashValuesOptions,
  lockTimeoutOptions,
  rowSecurityOptions,
} from "../options/backup_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { outputOptions } from "../options/output_options.ts";
import { jobsOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

const description = `Prints what a database holds now, as a manifest: counts and digests of rows and
large objects, sequences, and every definition. It contains no data of rows. If
it fails, a verdict says why.`;

const epilogue = `
Exit status: 0 printed; 2 could not read the database.

Example:
  pgrehearse manifest --db-url postgresql://localhost/shop`;

const options = {
  ...connectionOptions,
  jobs: { ...jobsOptions.jobs, help: "number of sessions that read at the same time" },
  ...distributionOptions,
  ...hashValuesOptions,
  ...rowSecurityOptions,
  ...lockTimeoutOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function manifestCommand(execute: Execute) {
  const command = new Command("manifest")
    .summary("print what a database holds, as a manifest")
    .description(description)
    .addHelpText("after", epilogue)
    .action((_, command) => {
      const said = readSaid(command, options);
      return execute(said, async (job) => {
        const { captureManifest } = await import("../jobs/compare/capture.ts");
        const { distribution = [], hashValues, ...settled } = settle(options, said);
        const { verdict, manifest } = await captureManifest({
          ...job,
          ...settled,
          distribution: distribution.map((target) => ({ target, hashValues })),
          env: Deno.env.toObject(),
        });
        return { verdict, document: manifest };
      });
    });
  return declareOptions(command, options);
}
