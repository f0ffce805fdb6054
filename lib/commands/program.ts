import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Declaration } from "../options/declaration.ts";
import { usage } from "../options/findings.ts";
import { outputOptions } from "../options/output_options.ts";
import { readVariable } from "../options/parse_value.ts";
import { runJob } from "../run/run_job.ts";
import { nearestWord } from "../system/nearest_word.ts";
import { OperatorError } from "../system/operator_error.ts";
import { listenForInterruption } from "../system/signals.ts";
import { describeTool, toolVersion } from "../verdict/tool_version.ts";
import { backupCommand } from "./backup.ts";
import { compareCommand } from "./compare.ts";
import { completionCommand } from "./completion.ts";
import { controlsCommand } from "./controls.ts";
import { describeOption, optionsOf, readSaid } from "./declare_options.ts";
import { doctorCommand } from "./doctor.ts";
import { drillCommand } from "./drill.ts";
import { type CommonOptions, type Execute, execute, print } from "./execute.ts";
import { explainCommand } from "./explain.ts";
import { historyCommand } from "./history.ts";
import { initCommand } from "./init.ts";
import { keygenCommand } from "./keygen.ts";
import { keepNeededRights } from "./least_rights.ts";
import { listCommand } from "./list.ts";
import { manCommand } from "./man.ts";
import { manifestCommand } from "./manifest.ts";
import { markCommand } from "./mark.ts";
import { pruneCommand } from "./prune.ts";
import { takePsqlFlags } from "./psql_flags.ts";
import { recoveryWindowCommand } from "./recovery_window.ts";
import { reportCommand } from "./report.ts";
import { restoreCommand } from "./restore.ts";
import { selftestCommand } from "./selftest.ts";
import { smokeCommand } from "./smoke.ts";
import { statusCommand } from "./status.ts";
import { verifyCommand } from "./verify.ts";
import { verifyEvidenceCommand } from "./verify_evidence.ts";
import { workloadCommand } from "./workload.ts";

/** In the order of the help, under its headings. */
const commands: Record<string, ((execute: Execute) => CommandUnknownOpts)[]> = {
  "Back up and restore:": [
    backupCommand,
    drillCommand,
    restoreCommand,
  ],
  "Look after backups:": [
    listCommand,
    statusCommand,
    recoveryWindowCommand,
    markCommand,
    pruneCommand,
    keygenCommand,
  ],
  "Compare and report:": [
    compareCommand,
    manifestCommand,
    reportCommand,
    explainCommand,
  ],
  "Keep evidence:": [
    verifyEvidenceCommand,
    historyCommand,
    controlsCommand,
  ],
  "Try pgrehearse itself:": [
    doctorCommand,
    selftestCommand,
    smokeCommand,
    workloadCommand,
    verifyCommand,
  ],
  "Set up:": [
    initCommand,
    completionCommand,
    manCommand,
  ],
};

const epilogue = `
Exit status: 0 pass; 1 it ran, and something is wrong; 2 could not verify.

Examples:
  pgrehearse smoke
  pgrehearse backup --db-url postgresql://localhost/shop --to /var/backups/pg
  pgrehearse drill --latest --from /var/backups/pg

Help for one command: pgrehearse COMMAND --help. For all: pgrehearse man.`;

/**
 * Runs the program.
 *
 * @param args The words after the program's name on the command line.
 * @returns The exit status: 0 pass, 1 fail, 2 could not verify, 128 + n after signal n.
 */
export async function runProgram(args: string[]): Promise<number> {
  const interruption = listenForInterruption();
  let status = 0;
  const executeJob: Execute = async (options, run) => {
    status = await execute(options, interruption, run);
  };
  const program = makeProgram(executeJob, { versionAsJson: args.includes("--json") });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError || error instanceof OperatorError)) throw error;
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
    const options = howToSay(args);
    const reason = error instanceof CommanderError ? usageError(error, args, program) : error;
    await executeJob(options, (job) => runJob(commandIn(args, program), job, () => Promise.reject(reason)));
  }
  return status;
}

/** How to report that the command line, or a variable, makes no sense: as far as they do. */
function howToSay(args: string[]): CommonOptions {
  const env = Deno.env.toObject();
  const variable = <Value>(option: Declaration) => {
    try {
      return readVariable(option, env) as Value | undefined;
    } catch {
      return undefined;
    }
  };
  const isJson = args.includes("--json") || args.includes("--output=json") ||
    args[args.indexOf("--output") + 1] === "json";
  return {
    quiet: args.includes("--quiet") || variable<boolean>(outputOptions.quiet),
    output: isJson ? "json" : variable(outputOptions.output),
  };
}

/** The program, taken apart by commander: every command with its options. */
export function makeProgram(execute: Execute, { versionAsJson = false } = {}): CommandUnknownOpts {
  const program = new Command("pgrehearse")
    .description("Restores a Postgres backup for real, into a disposable server, and proves the copy.")
    .usage("[options] <command>")
    .addHelpText("after", epilogue)
    .version(
      versionAsJson ? JSON.stringify(describeTool(), null, 2) : toolVersion.version,
      "-V, --version",
      "print the version; with --json also the commit, Deno, V8 and the platform",
    )
    .hook("preAction", (_, command) => keepNeededRights(command, readSaid(command, optionsOf(command))));
  for (const [heading, makers] of Object.entries(commands)) {
    for (const makeCommand of makers) program.addCommand(makeCommand(execute).helpGroup(heading));
  }
  for (const command of everyCommand(program)) {
    if (command.options.some(({ long }) => long === "--db-url")) takePsqlFlags(command);
    command
      .helpOption("--help", "display help for command") // -h is the host
      .configureHelp({ subcommandTerm: (command) => command.name(), optionDescription: describeOption })
      .exitOverride()
      .configureOutput({
        writeOut: (text) => print(Deno.stdout, text.trimEnd()),
        writeErr: () => {},
        getOutHelpWidth: () => helpWidth,
      })
      .allowExcessArguments(false)
      .helpCommand(false);
  }
  return program;
}

/** What fits every terminal; wider lines do not read better. */
const helpWidth = 80;

function everyCommand(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function commandIn(args: string[], program: CommandUnknownOpts): string {
  return args.find((arg) => program.commands.some((command) => command.name() === arg)) ?? "pgrehearse";
}

function usageError({ message, code }: CommanderError, args: string[], program: CommandUnknownOpts): OperatorError {
  const [what, suggestion] = message.replace(/^error: /, "").split("\n");
  const problem = code === "commander.help" ? "No command was given" : what.replace(/\.$/, "");
  const hint = suggestion?.replace(/^\(|\)$/g, "") ??
    (code === "commander.unknownOption" ? hintAtOption(args, program) : undefined);
  return usage.commandLine.error({ problem, hint });
}

/** Commander looks for a similar option only where no value is joined to it by `=`. */
function hintAtOption(args: string[], program: CommandUnknownOpts): string | undefined {
  const options = program.commands.find((command) => args.includes(command.name()))?.options ?? [];
  const known = options.flatMap(({ long }) => long ?? []);
  const unknown = args.map((arg) => arg.split("=")[0]).find((arg) => arg.startsWith("--") && !known.includes(arg));
  const nearest = unknown && nearestWord(unknown, known);
  return nearest ? `Did you mean ${nearest}?` : undefined;
}
