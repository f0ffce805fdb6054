import { Command } from "@commander-js/extra-typings";
import type { Declarations } from "../options/declaration.ts";
import { reportOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/output_options.ts";
import { settle } from "../options/settle.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

const description = `Writes verdicts for people and other programs: an HTML page, JUnit XML for CI,
Markdown, or metrics for node_exporter's textfile collector. VERDICT is a file
with the JSON that a command printed, or an evidence record; - is standard
input. With several verdicts the page shows trends.`;

const epilogue = `
Metrics of other commands and databases in the file are kept, and so is the time
of the last success if this run failed.

Exit status: 0 written; 1 a record was altered, or --key did not sign it;
2 could not write, or VERDICT is not a verdict.

Example:
  pgrehearse smoke >v.json; pgrehearse report v.json --html report.html`;

const options = { ...reportOptions, ...outputOptions } as const satisfies Declarations;

export function reportCommand(execute: Execute) {
  const command = new Command("report")
    .summary("write verdicts as a page, JUnit XML, Markdown or metrics")
    .description(description)
    .argument("<verdict...>", "files with verdicts or evidence; - for standard input")
    .addHelpText("after", epilogue)
    .action((verdicts, _, command) => {
      const said = readSaid(command, options);
      return execute(said, async (job) => {
        const { report } = await import("../jobs/report/report.ts");
        return await report({ ...job, ...settle(options, said), verdicts });
      });
    });
  return declareOptions(command, options);
}
