import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseSizeBytes } from "../options/size.ts";
import { chooseStore, configOption, fromOrConfigOption } from "./config_options.ts";
import type { Execute } from "./execute.ts";
import { evidenceStoreOption, keyOption, recordLimitOption, sha256Hex } from "./history_options.ts";
import { policyOptions } from "../options/drill_options.ts";
import { declaredOption } from "./declared_option.ts";
import { durationMs } from "./option_values.ts";
import { debugOption, quietOption } from "./options.ts";
import { databaseOption, endpointOption, regionOption } from "./store_options.ts";

const description = `Shows every drill and restore that a store remembers, newest first: when, of
which backup, verdict, proof, size, recovery time and point and their limits;
from the records beside the backups and from the evidence. It says where
recovery time and size are going, and warns when a trend will reach its limit
within the horizon.

With --verify the evidence log is checked as a whole: every signature, every
record's link to the one before, none missing, also not from the beginning.
That records were cut off from the end, or all of them written anew by the
key's holder, can be seen by a head that was remembered: --head, as an earlier
verdict said it, or --head-file, which remembers it from one time to the next.`;

const epilogue = `
Exit status: 0 it was read, and the log is whole; 1 something was altered or is
missing; 2 it could not be read or verified.

Example:
  pgrehearse history --from /var/backups/pg --verify --key evidence.pub`;

export function historyCommand(execute: Execute) {
  return new Command("history")
    .summary("show every drill and restore, trends, and whether the evidence is whole")
    .description(description)
    .addOption(fromOrConfigOption())
    .addOption(configOption())
    .addOption(evidenceStoreOption())
    .addOption(databaseOption())
    .addOption(new Option("--verify", "check the evidence log as a whole"))
    .addOption(keyOption())
    .addOption(new Option("--head <sha256>", "a record that must still be in the log").argParser(sha256Hex))
    .addOption(
      new Option("--head-file <file>", "remember the newest record there, and require that it is still in the log")
        .conflicts("head"),
    )
    .addOption(declaredOption(policyOptions.rto))
    .addOption(new Option("--size-limit <size>", "of a database's dump, such as 500GB").argParser(sizeBytes))
    .addOption(
      new Option("--horizon <duration>", "warn of limits reached so soon").default(90 * 86_400_000, "90d")
        .argParser(durationMs),
    )
    .addOption(recordLimitOption())
    .addOption(new Option("--json", "print the history alone, not the whole verdict"))
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async ({ key: keys = [], verify = false, rtoLimit, sizeLimit, horizon, json, ...options }, command) => {
      if (verify && keys.length === 0) command.error("error: --verify needs --key: whose signatures count");
      if (options.head !== undefined && !verify) command.error("error: --head needs --verify");
      if (options.headFile !== undefined && !verify) command.error("error: --head-file needs --verify");
      const chosen = await chooseStore(command, options);
      return await execute(options, async (job) => {
        const { history } = await import("../jobs/history/history.ts");
        const limits = { rtoLimitMs: rtoLimit, sizeLimitBytes: sizeLimit, horizonMs: horizon };
        const result = await history({ ...job, ...options, ...chosen, ...limits, keys, verify });
        const { verdict, findings, history: runs, trends, evidence_log } = result;
        if (!json || !runs) return result;
        return {
          verdict: result,
          document: { schema: "pgrehearse.history/v1", verdict, runs, trends, evidence_log, findings },
        };
      });
    });
}

function sizeBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes === undefined) throw new InvalidArgumentError("It must be a size such as 500GB or 64GiB.");
  return bytes;
}
