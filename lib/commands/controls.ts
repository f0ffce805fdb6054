import { configOptions } from "../options/config_options.ts";
import { controlsOptions, rememberedOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { databaseOptions, fromOptions, reachOptions } from "../options/store_options.ts";
import { defineCommand, runSettled } from "./command.ts";
import { chooseStore, rememberedOf } from "./said.ts";

const description = `Lists the evidence for each compliance control of the configuration, such as
ISO27001-A.8.13: every run, with verdict, proof, record and signature, and the
time of the last pass. A control without a passing run is a gap. Records that
were altered, or signed with a key that you did not give, do not count. Without
--key no signature is checked.`;

const epilogue = `
Exit status: 0 every control has a passing run; 1 one has none, or evidence
was altered; 2 could not read the store.

Example:
  pgrehearse controls --from /var/backups/pg --key evidence.pub --markdown controls.md`;

const options = {
  ...fromOptions,
  ...configOptions,
  ...databaseOptions,
  ...rememberedOptions,
  ...controlsOptions,
  ...reachOptions,
  ...outputOptions,
  json: controlsOptions.json,
} as const;

export const controlsCommand = defineCommand({
  name: "controls",
  summary: "list the evidence for each compliance control",
  description,
  epilogue,
  options,
  async run(given) {
    const path = await chooseStore(given);
    await runSettled({ ...given, path }, async (settled) => {
      const { controls } = await import("../jobs/history/controls.ts");
      const result = await controls({
        ...settled,
        ...rememberedOf(given.said, settled),
        required: [...settled.required ?? [], ...Object.keys(settled.config?.controls ?? {})],
      });
      const { verdict, findings, control_evidence } = result;
      if (!settled.json || !control_evidence) return result;
      const document = { schema: "pgrehearse.controls/v1", verdict, controls: control_evidence, findings };
      return { verdict: result, document };
    });
  },
});
