import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { Declarations, SaidOfOption } from "../options/declaration.ts";
import { declareOptions, readSaid } from "./declare_options.ts";
import type { Execute } from "./execute.ts";

/** What a command's page says about it. */
interface Page<Group extends Declarations> {
  name: string;
  summary: string;
  description: string;
  epilogue: string;
  /** What it takes besides options, as the usage shows it, and what that is. */
  operands?: readonly [usage: string, help: string];
  options: Group;
  run(given: Given<Group>): Promise<void> | void;
}

/** What a command was given. */
export interface Given<Group extends Declarations> {
  /** Commander's, for errors of usage. */
  command: CommandUnknownOpts;
  options: Group;
  /** What the command line and the environment say of the options. */
  said: SaidOfOption<Group>;
  operands: readonly string[];
  /** Runs a job and reports its verdict. */
  execute: Execute;
}

/** Makes a command of its page. */
export function defineCommand<Group extends Declarations>(
  { name, summary, description, epilogue, operands, options, run }: Page<Group>,
): (execute: Execute) => CommandUnknownOpts {
  return (execute) => {
    const command = new Command(name)
      .summary(summary)
      .description(description)
      .addHelpText("after", epilogue);
    if (operands) command.argument(...operands);
    command.action(() => run({ command, options, said: readSaid(command, options), operands: command.args, execute }));
    return declareOptions(command, options);
  };
}
