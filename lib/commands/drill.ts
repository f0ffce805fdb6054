import { configOptions, shardOptions } from "../options/config_options.ts";
import type { SaidOfOption } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { physicalOptions, recoveryOptions } from "../options/physical_options.ts";
import { drillOptions, reviewOptions } from "../options/restore_options.ts";
import {
  identityOptions,
  jobsOptions,
  outputOptions,
  programOptions,
  timeoutOptions,
  waitOptions,
} from "../options/run_options.ts";
import { reachOptions, whichOptions } from "../options/store_options.ts";
import { backupToolOptions, windowOptions } from "../options/window_options.ts";
import type { RecoveryTarget } from "../physical/recovery_target.ts";
import { defineCommand, runSettled } from "./command.ts";
import { isFlagged } from "./declare_options.ts";
import { backupOperand, chooseConfig, evidenceOf, requireWhich } from "./said.ts";

const description = `Restores a backup into a throwaway cluster, compares every row, definition,
sequence and large object with the manifest, compares owners and grants, and
removes the cluster. It also drills dumps without a manifest (of pg_dump or
pg_dumpall, in any format, also packed); for these it proves only that they
restore.

With a configuration, it restores every database in it, follows its steps in
order, runs its checks, starts and stops its applications, and checks its
policy.

With --physical, it recovers a physical backup up to a point in time and checks
its files, pages and indexes. The recovered server reaches nothing on this host
and no other host.`;

const epilogue = `
Exit status: 0 the copy is equal; 1 it differs or failed; 2 could not verify.

Example:
  pgrehearse drill --latest --from /var/backups/pg`;

const options = {
  ...whichOptions,
  ...identityOptions,
  ...reachOptions,
  ...configOptions,
  ...shardOptions,
  ...reviewOptions,
  ...drillOptions,
  jobs: { ...jobsOptions.jobs, help: "number of tables and indexes to restore or compare at the same time" },
  ...physicalOptions,
  ...backupToolOptions,
  ...recoveryOptions,
  ...windowOptions,
  ...evidenceOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...programOptions,
  ...outputOptions,
} as const;

export const drillCommand = defineCommand({
  name: "drill",
  summary: "restore a backup into a disposable server and compare it",
  description,
  epilogue,
  operands: backupOperand,
  options,
  async run(given) {
    const { command, said, operands: [backup] } = given;
    const { physical } = said;
    const evidence = evidenceOf(given, { signsMore: true });
    if (physical !== undefined) {
      if (
        backup !== undefined || said.latest || (isFlagged(command, options.from) && said.mark === undefined) ||
        isFlagged(command, options.configPath)
      ) {
        command.error("error: --physical names the backup: leave out --latest, --from, --config and the backup");
      }
      if (said.mark === "latest" && said.from === undefined) {
        command.error("error: --mark latest needs --from: the store that holds it");
      }
      return await runSettled({ ...given, evidence }, async (settled) => {
        const { drillPhysical } = await import("../jobs/physical/drill_physical.ts");
        return await drillPhysical({ ...settled, physical, target: targetOf(said) });
      });
    }
    if (said.mark !== undefined) command.error("error: --mark is for --physical");
    if (isFlagged(command, options.rpoLimitMs)) {
      command.error("error: --rpo-limit is for --physical; for other backups set rpo in the configuration's policy");
    }
    const isSaid = backup !== undefined || isFlagged(command, options.from) || said.allDatabases === true;
    const path = await chooseConfig(given, { isSaid });
    requireWhich(given, path);
    await runSettled({ ...given, evidence, path }, async (settled) => {
      const { drill } = await import("../jobs/drill/drill.ts");
      return await drill({ ...settled, path: backup });
    });
  },
});

/** The one target that was named, or the newest point. */
function targetOf(
  { to = "latest", toTime, toLsn, toXid, toName }: SaidOfOption<typeof recoveryOptions>,
): RecoveryTarget {
  if (toTime !== undefined) return { kind: "time", value: toTime };
  if (toLsn !== undefined) return { kind: "lsn", value: toLsn };
  if (toXid !== undefined) return { kind: "xid", value: toXid };
  if (toName !== undefined) return { kind: "name", value: toName };
  return { kind: to };
}
