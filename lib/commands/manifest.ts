import {
  distributionOptions,
  hashValuesOptions,
  lockTimeoutOptions,
  rowSecurityOptions,
} from "../options/backup_options.ts";
import { connectionOptions } from "../options/connection_options.ts";
import { jobsOptions, outputOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

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
} as const;

export const manifestCommand = defineCommand({
  name: "manifest",
  summary: "print what a database holds, as a manifest",
  description,
  epilogue,
  options,
  run: (given) =>
    runSettled(given, async ({ distribution = [], hashValues, ...settled }) => {
      const { captureManifest } = await import("../jobs/compare/capture.ts");
      const { verdict, manifest } = await captureManifest({
        ...settled,
        distribution: distribution.map((target) => ({ target, hashValues })),
      });
      return { verdict, document: manifest };
    }),
});
