import { Command, Option } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { debugOption, jobsOption, pgBinOption, quietOption, timeoutOption, waitOption } from "./options.ts";
import { databaseOption, endpointOption, identityOption, regionOption } from "./store_options.ts";

const description = `Restores a backup into a throwaway cluster, compares every row, definition,
sequence and large object with the manifest, and removes the cluster again. A
dump without manifest, somebody else's (custom, directory, tar or SQL, also
compressed with gzip or zstd), is restored, and the proof is no more than
that.`;

const epilogue = `
Exit status: 0 what came back is what was there; 1 it is not; 2 not verified.

Example:
  pgrehearse drill --latest --from /var/backups/pg`;

export function drillCommand(execute: Execute) {
  return new Command("drill")
    .summary("restore a backup somewhere disposable and compare it with its manifest")
    .description(description)
    .argument("[backup]", "the dump or its manifest")
    .addOption(new Option("--latest", "the newest backup of --from"))
    .addOption(new Option("--from <store>", "the directory or s3://bucket/prefix that holds backups"))
    .addOption(databaseOption())
    .addOption(identityOption())
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(new Option("--into <url>", "restore into a scratch database of this server"))
    .addOption(jobsOption("tables and indexes restored, and tables compared, at the same time"))
    .addOption(new Option("--allow-empty", "let a backup of an empty database pass"))
    .addOption(new Option("--no-checksum", "do not compare size and hash of the dump first"))
    .addOption(new Option("--no-record", "do not keep the verdict beside the backup"))
    .addOption(new Option("--keep-running", "leave the restored database, and say how to reach and remove it"))
    .addOption(timeoutOption())
    .addOption(waitOption())
    .addOption(pgBinOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action((path, { wait, timeout, latest, region, endpoint, ...options }, command) => {
      if ((path === undefined) === (latest === undefined)) {
        command.error("error: name either a backup, or --latest with --from");
      }
      if (latest && options.from === undefined) command.error("error: --latest needs --from: a directory of backups");
      return execute(options, async (job) => {
        const { drill } = await import("../jobs/drill/drill.ts");
        return await drill({
          ...job,
          ...options,
          path,
          store: { region, endpoint },
          env: Deno.env.toObject(),
          waitMs: wait,
          timeoutMs: timeout,
        });
      });
    });
}
