import { configOptions } from "../options/config_options.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { physicalOptions } from "../options/physical_options.ts";
import { statusOptions } from "../options/retention_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { fromOptions, ofDatabaseOptions, reachOptions } from "../options/store_options.ts";
import { backupToolOptions, windowOptions } from "../options/window_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { isFlagged } from "./declare_options.ts";
import { chooseStore, evidenceOf } from "./said.ts";

const description = `For monitoring: says whether every database in a store has a fresh backup that
was drilled recently. It is not healthy if there is no finished backup, if the
newest is too old or not whole, if it was never drilled or too long ago, or if
the last drill failed. Each reason is a finding.

With --physical, it says what recovery-window says, and whether the newest
physical backup is fresh.`;

const epilogue = `
Exit status: 0 healthy; 1 not healthy; 2 could not read the store.

Example:
  pgrehearse status --from /var/backups/pg --max-age 26h --max-drill-age 8d`;

const options = {
  ...fromOptions,
  ...configOptions,
  ...ofDatabaseOptions,
  ...statusOptions,
  ...physicalOptions,
  ...backupToolOptions,
  ...windowOptions,
  ...evidenceOptions,
  ...reachOptions,
  ...outputOptions,
} as const;

export const statusCommand = defineCommand({
  name: "status",
  summary: "say whether backups are fresh and drilled, for monitoring",
  description,
  epilogue,
  options,
  async run(given) {
    const { command, said: { physical } } = given;
    const evidence = evidenceOf(given);
    if (physical !== undefined) {
      if (isFlagged(command, options.from) || isFlagged(command, options.configPath)) {
        command.error("error: --physical names the backups: leave out --from and --config");
      }
      return await runSettled({ ...given, evidence }, async (settled) => {
        const { statusPhysical } = await import("../jobs/physical/status_physical.ts");
        return await statusPhysical({ ...settled, physical });
      });
    }
    const path = await chooseStore(given);
    await runSettled({ ...given, evidence, path }, async (settled) => {
      const { status } = await import("../jobs/store/status.ts");
      return await status(settled);
    });
  },
});
