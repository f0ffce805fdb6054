import { Command, Option } from "@commander-js/extra-typings";
import { chooseStore, configOption, fromOrConfigOption } from "./config_options.ts";
import type { Execute } from "./execute.ts";
import { evidenceStoreOption, keyOption, recordLimitOption } from "./history_options.ts";
import { collect } from "./option_values.ts";
import { debugOption, quietOption } from "./options.ts";
import { databaseOption, endpointOption, regionOption } from "./store_options.ts";

const description = `Lists what there is to show for each compliance control that the
configuration assigns, such as ISO27001-A.8.13: every run that is evidence for
it, with verdict, proof, record and signature, and when one passed last. A
control without a run that passed is a gap. What was altered, or signed by
another key than those given, does not count; without --key no signature is
checked.`;

const epilogue = `
Exit status: 0 every control has a run that passed; 1 one has none, or evidence
was altered; 2 the store could not be read.

Example:
  pgrehearse controls --from /var/backups/pg --key evidence.pub --markdown controls.md`;

export function controlsCommand(execute: Execute) {
  return new Command("controls")
    .summary("list the evidence for each compliance control")
    .description(description)
    .addOption(fromOrConfigOption())
    .addOption(configOption())
    .addOption(evidenceStoreOption())
    .addOption(databaseOption())
    .addOption(keyOption())
    .addOption(new Option("--control <name>", "one that must have evidence; may be repeated").argParser(collect))
    .addOption(recordLimitOption())
    .addOption(new Option("--markdown <file>", "write the same as Markdown into this file"))
    .addOption(new Option("--json", "print the controls alone, not the whole verdict"))
    .addOption(regionOption())
    .addOption(endpointOption())
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action(async ({ key: keys = [], control: required = [], json, ...options }, command) => {
      const chosen = await chooseStore(command, options);
      return await execute(options, async (job) => {
        const { controls } = await import("../jobs/history/controls.ts");
        const result = await controls({ ...job, ...options, ...chosen, keys, required });
        const { verdict, findings, control_evidence } = result;
        if (!json || !control_evidence) return result;
        const document = { schema: "pgrehearse.controls/v1", verdict, controls: control_evidence, findings };
        return { verdict: result, document };
      });
    });
}
