import { evidenceOptions } from "../options/evidence_options.ts";
import { physicalOptions } from "../options/physical_options.ts";
import { outputOptions, timeoutOptions } from "../options/run_options.ts";
import { backupToolOptions, windowOptions } from "../options/window_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { evidenceOf } from "./said.ts";

const description = `For monitoring: says from when to when a cluster can be recovered from its
physical backups and its WAL archive, without restoring anything. Not every
moment can be recovered if a WAL segment is missing or too short, if a backup
lacks its own WAL, if no backup leads to the newest timeline, or if the archive
lags. Each reason is a finding. What the segments contain is not looked at: that
is what drill --physical does.`;

const epilogue = `
Exit status: 0 every moment can be recovered; 1 some cannot; 2 could not look.

Example:
  pgrehearse recovery-window --physical pgbackrest:main --rpo-limit 15m`;

const options = {
  ...physicalOptions,
  ...backupToolOptions,
  ...windowOptions,
  ...evidenceOptions,
  ...timeoutOptions,
  ...outputOptions,
} as const;

export const recoveryWindowCommand = defineCommand({
  name: "recovery-window",
  summary: "say from when to when a cluster can be recovered, for monitoring",
  description,
  epilogue,
  options,
  async run(given) {
    const { command, said: { physical } } = given;
    const evidence = evidenceOf(given);
    if (physical === undefined) return command.error("error: name the physical backups: --physical");
    await runSettled({ ...given, evidence }, async (settled) => {
      const { windowOfRecovery } = await import("../jobs/physical/recovery_window.ts");
      return await windowOfRecovery({ ...settled, physical });
    });
  },
});
