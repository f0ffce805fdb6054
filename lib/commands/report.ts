import { reportOptions } from "../options/evidence_options.ts";
import { outputOptions } from "../options/run_options.ts";
import { defineCommand, runSettled } from "./command.ts";

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

const options = { ...reportOptions, ...outputOptions } as const;

export const reportCommand = defineCommand({
  name: "report",
  summary: "write verdicts as a page, JUnit XML, Markdown or metrics",
  description,
  epilogue,
  operands: ["<verdict...>", "files with verdicts or evidence; - for standard input"],
  options,
  run: (given) =>
    runSettled(given, async (settled) => {
      const { report } = await import("../jobs/report/report.ts");
      return await report({ ...settled, verdicts: given.operands });
    }),
});
