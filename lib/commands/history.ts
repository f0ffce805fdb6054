import { configOptions } from "../options/config_options.ts";
import { historyOptions, rememberedOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { databaseOptions, fromOptions, reachOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { chooseStore, rememberedOf } from "./said.ts";

const description = `Shows every drill and restore of a store, newest first, from the records beside
the backups and from the evidence: time, backup, verdict, proof, size, recovery
time and point, and their limits. It shows the trends of recovery time and
size, and warns if a trend will reach its limit within the horizon.

With --verify it checks the whole evidence log: every signature, every record's
link to the one before, and that no record is missing. To notice records that
were cut off at the end, or a log that the key's holder wrote again, give a
head that you remembered: --head HASH, from an earlier verdict, or --head-file,
which remembers it for you.`;

const epilogue = `
Exit status: 0 read, and the log is whole; 1 something was altered or is
missing; 2 could not read or verify.

Example:
  pgrehearse history --from /var/backups/pg --verify --key evidence.pub`;

const options = {
  ...fromOptions,
  ...configOptions,
  ...databaseOptions,
  ...rememberedOptions,
  ...historyOptions,
  ...reachOptions,
  ...outputOptions,
  json: historyOptions.json,
} as const;

export const historyCommand = defineCommand({
  name: "history",
  summary: "show every drill and restore, with trends; verify the evidence",
  description,
  epilogue,
  options,
  async run(given) {
    const { command, said } = given;
    if (said.verify && !said.keys) command.error("error: --verify needs --key with a public key");
    if (said.head !== undefined && !said.verify) command.error("error: --head needs --verify");
    if (said.headFile !== undefined && !said.verify) command.error("error: --head-file needs --verify");
    const path = await chooseStore(given);
    await runSettled({ ...given, path }, async (settled) => {
      const { history } = await import("../jobs/history/history.ts");
      const result = await history({ ...settled, ...rememberedOf(said, settled) });
      const { verdict, findings, history: runs, trends, evidence_log } = result;
      if (!settled.json || !runs) return result;
      return {
        verdict: result,
        document: { schema: "pgrehearse.history/v1", verdict, runs, trends, evidence_log, findings },
      };
    });
  },
});
