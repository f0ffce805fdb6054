import { Command, Option } from "@commander-js/extra-typings";
import type { Execute } from "./execute.ts";
import { collect } from "./option_values.ts";
import { debugOption, quietOption } from "./options.ts";

const description = `Writes verdicts down as people and other programs read them: a page to look at
or print, JUnit XML for a CI, Markdown, metrics for node_exporter's textfile
collector. VERDICT is a file with what a command printed, or a record of its
evidence; - is standard input. Several verdicts also show how things went.`;

const epilogue = `
Metrics of other commands and databases in the file stay, and so does the last
success of a run that failed now.

Exit status: 0 written; 1 a record was altered, or --key did not sign it; 2 it
could not be written, or VERDICT is no verdict.

Example:
  pgrehearse smoke >v.json; pgrehearse report v.json --html report.html`;

export function reportCommand(execute: Execute) {
  return new Command("report")
    .summary("write verdicts as a page, JUnit XML, Markdown or metrics")
    .description(description)
    .argument("<verdict...>", "files with verdicts or evidence; - for standard input")
    .addOption(new Option("--html <file>", "a page: no network, no script; about the newest, with trends of all"))
    .addOption(new Option("--junit <file>", "JUnit XML: a test case an assertion"))
    .addOption(new Option("--markdown <file>", "Markdown, as GitHub shows it"))
    .addOption(new Option("--openmetrics <file>", "metrics; the file's name must end in .prom for node_exporter"))
    .addOption(
      new Option(
        "--manifest <file>",
        "a backup's manifest, for its tables; else the one beside VERDICT; may be repeated",
      )
        .argParser(collect),
    )
    .addOption(
      new Option("--key <file>", "read only what this public key's holder signed; may be repeated").argParser(collect),
    )
    .addOption(quietOption())
    .addOption(debugOption())
    .addHelpText("after", epilogue)
    .action((verdicts, { manifest: manifests, key: keys, ...options }) =>
      execute(options, async (job) => {
        const { report } = await import("../jobs/report/report.ts");
        return await report({ ...job, ...options, verdicts, manifests, keys });
      })
    );
}
