import { Command } from "@commander-js/extra-typings";

import { configOptions, shardOptions } from "../options/config_options.ts";
import type { Declarations } from "../options/declaration.ts";
import { evidenceOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/output_options.ts";
import { drilledOptions, drillOptions, reviewOptions } from "../options/restore_options.ts";
import { identityOptions, jobsOptions, programOptions, timeoutOptions, waitOptions } from "../options/run_options.ts";
import { reachOptions, whichOptions } from "../options/store_options.ts";
import { chooseConfig, runConfigured } from "./run_configured.ts";
import { declareOptions, isFlagged, readSaid } from "./declare_options.ts";
import { evidenceOf } from "./said_evidence.ts";
import type { Execute } from "./execute.ts";

const description = `Restores a backup into a throwaway cluster, compares every row, definition,
sequence and large object with the manifest, and who owns and may do what, and
removes the cluster again. A
dump without manifest, somebody else's (of pg_dump or pg_dumpall, in any format,
also packed or compressed), is restored, and the proof is no more than that.

With a configuration, every database that it names is restored, its steps are
followed in their order, its checks run, its applications are started and
stopped again, and all of it is held against its policy.`;

const epilogue = `
Exit status: 0 what came back is what was there; 1 it is not; 2 not verified.

Example:
  pgrehearse drill --latest --from /var/backups/pg`;

const options = {
  ...whichOptions,
  ...drilledOptions,
  ...identityOptions,
  ...reachOptions,
  ...configOptions,
  ...shardOptions,
  ...reviewOptions,
  ...drillOptions,
  jobs: { ...jobsOptions.jobs, help: "tables and indexes restored, and tables compared, at the same time" },
  ...evidenceOptions,
  ...timeoutOptions,
  ...waitOptions,
  ...programOptions,
  ...outputOptions,
} as const satisfies Declarations;

export function drillCommand(execute: Execute) {
  const command = new Command("drill")
    .summary("restore a backup somewhere disposable and compare it with its manifest")
    .description(description)
    .argument("[backup]", "the dump, its manifest, or a name in --from as list prints it")
    .addHelpText("after", epilogue)
    .action(async (backup, _, command) => {
      const said = readSaid(command, options);
      const kept = evidenceOf(command, said, { signsMore: true });
      const isSaid = backup !== undefined || isFlagged(command, options.from) || said.allDatabases === true;
      const path = await chooseConfig(command, said, { isSaid });
      const isLatest = said.latest || said.before !== undefined || said.drilled || (said.allDatabases && !backup) ||
        (path !== undefined && backup === undefined);
      if ((backup === undefined) === !isLatest) {
        command.error("error: name either a backup, or --latest with --from; or a configuration");
      }
      if (isLatest && said.from === undefined && path === undefined) {
        command.error("error: --latest needs --from: a directory of backups");
      }
      return await execute(
        said,
        (job) =>
          runConfigured({ ...job, evidence: kept }, { command, options, said, path }, async (settled) => {
            const { drill } = await import("../jobs/drill/drill.ts");
            return await drill({ ...settled, path: backup });
          }),
      );
    });
  return declareOptions(command, options);
}
