import { Command, Option } from "@commander-js/extra-typings";
import {
  beforeOption,
  chooseConfig,
  configOption,
  drilledOption,
  incidentAtOption,
  reviewedByOption,
  shardOption,
} from "./config_options.ts";
import { drillOptions } from "../options/drill_options.ts";
import { declaredOption } from "./declared_option.ts";
import { evidenceOf, evidenceOption, signingKeyOption } from "./evidence_options.ts";
import type { Execute } from "./execute.ts";
import { debugOption, jobsOption, pgBinOption, quietOption, timeoutOption, waitOption } from "./options.ts";
import {
  databaseOption,
  endpointOption,
  identityOption,
  regionOption,
  systemIdentifierOption,
  trustedKeyOption,
} from "./store_options.ts";

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

export function drillCommand(execute: Execute) {
  return new Command("drill")
    .summary("restore a backup somewhere disposable and compare it with its manifest")
    .description(description)
    .argument("[backup]", "the dump, its manifest, or a name in --from as list prints it")
    .addOption(new Option("--latest", "the newest backup of --from"))
    .addOption(new Option("--from <store>", "the directory or s3://bucket/prefix that holds backups"))
    .addOption(
      new Option("--all-databases", "every database of the server whose backup set is meant, and its roles")
        .conflicts(["database", "config"]),
    )
    .addOption(beforeOption())
    .addOption(drilledOption())
    .addOption(databaseOption())
    .addOption(systemIdentifierOption())
    .addOption(trustedKeyOption())
    .addOption(identityOption())
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(configOption())
    .addOption(shardOption())
    .addOption(incidentAtOption())
    .addOption(reviewedByOption())
    .addOption(declaredOption(drillOptions.into))
    .addOption(jobsOption("tables and indexes restored, and tables compared, at the same time"))
    .addOption(declaredOption(drillOptions.allow_empty))
    .addOption(declaredOption(drillOptions.trust_dump))
    .addOption(declaredOption(drillOptions.checksum))
    .addOption(declaredOption(drillOptions.privileges))
    .addOption(declaredOption(drillOptions.record))
    .addOption(new Option("--keep-running", "leave the restored database, and say how to reach and remove it"))
    .addOption(evidenceOption())
    .addOption(signingKeyOption())
    .addOption(timeoutOption())
    .addOption(waitOption())
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async (path, all, command) => {
      const {
        wait,
        timeout,
        latest,
        region,
        endpoint,
        config,
        evidence,
        signingKey,
        trustedKey: trustedKeys,
        ...options
      } = all;
      const kept = evidenceOf({ evidence, signingKey, region, endpoint }, command, { signsMore: true });
      const isSaid = path !== undefined || options.from !== undefined || options.allDatabases === true;
      const choice = await chooseConfig(command, config, { isSaid });
      const isLatest = latest || options.before !== undefined || options.drilled || (options.allDatabases && !path) ||
        (choice.config !== undefined && path === undefined);
      if ((path === undefined) === !isLatest) {
        command.error("error: name either a backup, or --latest with --from; or a configuration");
      }
      if (isLatest && options.from === undefined && choice.config === undefined) {
        command.error("error: --latest needs --from: a directory of backups");
      }
      return await execute(options, async (job) => {
        const { drill } = await import("../jobs/drill/drill.ts");
        return await drill({
          ...job,
          ...options,
          ...choice,
          evidence: kept,
          signingKey,
          path,
          trustedKeys,
          store: { region, endpoint },
          env: Deno.env.toObject(),
          waitMs: wait,
          timeoutMs: timeout,
        });
      });
    });
}
