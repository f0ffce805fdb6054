import { Command, CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Declaration } from "../options/declaration.ts";
import { usage } from "../options/findings.ts";
import { readVariable } from "../options/parse_value.ts";
import { outputOptions } from "../options/run_options.ts";
import { runJob } from "../run/run_job.ts";
import { nearestWord } from "../system/nearest_word.ts";
import { OperatorError } from "../system/operator_error.ts";
import { listenForInterruption } from "../system/signals.ts";
import { type CommonOptions, type Execute, execute, print } from "./command.ts";
import { describeOption, optionsOf, readSaid } from "./declare_options.ts";
import { keepNeededRights } from "./least_rights.ts";
import { takePsqlFlags } from "./psql_flags.ts";
import { versionText } from "./version.ts";

type Maker = (execute: Execute) => CommandUnknownOpts;

/** In the order of the help, under its headings. Each is loaded when it is needed: a run needs one of them. */
const commands: Record<string, Record<string, () => Promise<Maker>>> = {
  "Back up and restore:": {
    backup: async () => (await import("./backup.ts")).backupCommand,
    drill: async () => (await import("./drill.ts")).drillCommand,
    restore: async () => (await import("./restore.ts")).restoreCommand,
  },
  "Look after backups:": {
    list: async () => (await import("./list.ts")).listCommand,
    status: async () => (await import("./status.ts")).statusCommand,
    "recovery-window": async () => (await import("./recovery_window.ts")).recoveryWindowCommand,
    mark: async () => (await import("./mark.ts")).markCommand,
    prune: async () => (await import("./prune.ts")).pruneCommand,
    keygen: async () => (await import("./keygen.ts")).keygenCommand,
  },
  "Compare and report:": {
    compare: async () => (await import("./compare.ts")).compareCommand,
    manifest: async () => (await import("./manifest.ts")).manifestCommand,
    report: async () => (await import("./report.ts")).reportCommand,
    explain: async () => (await import("./explain.ts")).explainCommand,
  },
  "Keep evidence:": {
    "verify-evidence": async () => (await import("./verify_evidence.ts")).verifyEvidenceCommand,
    history: async () => (await import("./history.ts")).historyCommand,
    controls: async () => (await import("./controls.ts")).controlsCommand,
  },
  "Try pgrehearse itself:": {
    doctor: async () => (await import("./doctor.ts")).doctorCommand,
    selftest: async () => (await import("./selftest.ts")).selftestCommand,
    smoke: async () => (await import("./smoke.ts")).smokeCommand,
    workload: async () => (await import("./workload.ts")).workloadCommand,
    verify: async () => (await import("./verify.ts")).verifyCommand,
  },
  "Set up:": {
    init: async () => (await import("./init.ts")).initCommand,
    completion: async () => (await import("./completion.ts")).completionCommand,
    man: async () => (await import("./man.ts")).manCommand,
  },
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
  const program = await makeProgram(executeJob, args);
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

/** Need every other command: they describe the program. */
const ofTheWhole = ["completion", "man"];

/**
 * The program, taken apart by commander: the command that `args` begin with, otherwise every command, with its options.
 */
export async function makeProgram(execute: Execute, args: readonly string[] = []): Promise<CommandUnknownOpts> {
  const [first] = args;
  const isAlone = !ofTheWhole.includes(first) && Object.values(commands).some((group) => Object.hasOwn(group, first));
  const program = new Command("pgrehearse")
    .description("Restores a Postgres backup for real, into a disposable server, and proves the copy.")
    .usage("[options] <command>")
    .addHelpText("after", epilogue)
    .version(
      versionText(args),
      "-V, --version",
      "print the version; with --json also the commit, Deno, V8 and the platform",
    )
    .hook("preAction", (_, command) => keepNeededRights(command, readSaid(command, optionsOf(command))));
  const wanted = Object.entries(commands).flatMap(([heading, group]) =>
    Object.entries(group).filter(([name]) => !isAlone || name === first).map(([, load]) => ({ heading, load }))
  );
  const makers = await Promise.all(wanted.map(({ load }) => load()));
  for (const [place, { heading }] of wanted.entries()) program.addCommand(makers[place](execute).helpGroup(heading));
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
