import { Command } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import {
  dbUrlOption,
  debugOption,
  distributionOption,
  enableRowSecurityOption,
  hashValuesOption,
  jobsOption,
  lockTimeoutOption,
  quietOption,
  timeoutOption,
  waitOption,
} from "./options.ts";

const description = `Prints what a database holds now, as a manifest: counts and digests of rows
and large objects, sequences, and every definition. No row's data is in it. If
that fails, a verdict says why.`;

const epilogue = `
Exit status: 0 done; 2 could not do it.

Example:
  pgrehearse manifest --db-url postgresql://localhost/shop`;

export function manifestCommand(execute: Execute) {
  return new Command("manifest")
    .summary("print what a database holds, as a manifest")
    .description(description)
    .addOption(dbUrlOption())
    .addOption(jobsOption("sessions that read at the same time"))
    .addOption(distributionOption())
    .addOption(hashValuesOption())
    .addOption(enableRowSecurityOption())
    .addOption(lockTimeoutOption())
    .addOption(timeoutOption())
    .addOption(waitOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(({ wait, lockTimeout, timeout, distribution = [], hashValues = false, ...options }) =>
      execute(options, async (job) => {
        const { captureManifest } = await import("../jobs/compare/capture.ts");
        const { verdict, manifest } = await captureManifest({
          ...job,
          ...options,
          distribution: distribution.map((target) => ({ target, hashValues })),
          env: Deno.env.toObject(),
          waitMs: wait,
          lockTimeoutMs: lockTimeout,
          timeoutMs: timeout,
        });
        return { verdict, document: manifest };
      })
    );
}
