import { Command } from "@commander-js/extra-typings";
import { evidenceOf, evidenceOption, signingKeyOption } from "./evidence_options.ts";
import { chooseStore, configOption, fromOrConfigOption } from "./config_options.ts";
import type { Execute } from "./execute.ts";
import { statusOptions } from "../options/retention_options.ts";
import { declaredOption } from "./declared_option.ts";
import { debugOption, quietOption } from "./options.ts";
import {
  databaseOption,
  endpointOption,
  regionOption,
  systemIdentifierOption,
  trustedKeyOption,
} from "./store_options.ts";

const description = `Says whether every database in a store has a fresh backup that was drilled
lately; for monitoring. Not healthy: no finished backup, the newest too old or
not whole, never drilled, drilled too long ago, or the last drill failed. Each
reason is a finding.`;

const epilogue = `
Exit status: 0 healthy; 1 not healthy; 2 the store could not be read.

Example:
  pgrehearse status --from /var/backups/pg --max-age 26h --max-drill-age 8d`;

export function statusCommand(execute: Execute) {
  return new Command("status")
    .summary("say whether backups are fresh and drilled, for monitoring")
    .description(description)
    .addOption(fromOrConfigOption())
    .addOption(configOption())
    .addOption(databaseOption())
    .addOption(systemIdentifierOption())
    .addOption(trustedKeyOption())
    .addOption(declaredOption(statusOptions.max_age))
    .addOption(declaredOption(statusOptions.max_drill_age))
    .addOption(evidenceOption())
    .addOption(signingKeyOption())
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async ({ trustedKey: trustedKeys, maxAge, maxDrillAge, evidence, signingKey, ...options }, command) => {
      const chosen = await chooseStore(command, options);
      const kept = evidenceOf({ ...options, evidence, signingKey }, command);
      return await execute(options, async (job) => {
        const { status } = await import("../jobs/store/status.ts");
        return await status({
          ...job,
          ...options,
          ...chosen,
          trustedKeys,
          evidence: kept,
          maxAgeMs: maxAge,
          maxDrillAgeMs: maxDrillAge,
        });
      });
    });
}
