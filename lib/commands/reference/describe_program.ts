import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import { isRepeatable } from "../../options/parse_value.ts";
import { variableOf } from "../../options/declaration.ts";
import { declarationOf } from "../declare_options.ts";

/** A command as its help describes it; the program is one too. */
export interface DescribedCommand {
  name: string;
  /** With the program's name, arguments and all. */
  usage: string;
  /** Its heading. */
  group: string;
  summary: string;
  description: string;
  arguments: DescribedArgument[];
  options: DescribedOption[];
  commands: DescribedCommand[];
  /** What follows the options: exit status and examples. */
  epilogue: string;
}

interface DescribedArgument {
  name: string;
  description: string;
  choices: string[];
}

export interface DescribedOption {
  /** `--latest`. */
  long: string;
  /** `-h`. */
  short?: string;
  /** As the help writes it: `--format <format>`. */
  flags: string;
  /** With its default, choices and variable. */
  description: string;
  /** Its heading. */
  group: string;
  /** What its value is called; absent where it takes none. */
  value?: string;
  choices: string[];
  isRepeatable: boolean;
  /** The environment variable that sets it. */
  variable?: string;
}

/** Reads everything that the help shows out of the program itself, so that it is written down once. */
export function describeProgram(command: CommandUnknownOpts): DescribedCommand {
  const help = command.createHelp();
  return {
    name: command.name(),
    usage: help.commandUsage(command),
    group: command.helpGroup(),
    summary: command.summary() || command.description(),
    description: command.description(),
    arguments: command.registeredArguments.map((argument) => ({
      name: argument.name(),
      description: argument.description,
      choices: [...argument.argChoices ?? []],
    })),
    options: help.visibleOptions(command).map((option) => ({ option, declaration: declarationOf(option) })).map((
      { option, declaration },
    ) => ({
      long: option.long!,
      ...(option.short && { short: option.short }),
      flags: option.flags,
      description: help.optionDescription(option),
      group: option.helpGroupHeading ?? "Options:",
      ...(option.required || option.optional ? { value: /[<[]([^>\]]+)[>\]]/.exec(option.flags)![1] } : {}),
      choices: [...option.argChoices ?? []],
      isRepeatable: declaration !== undefined && isRepeatable(declaration),
      ...(declaration && { variable: variableOf(declaration) }),
    })),
    commands: help.visibleCommands(command).map(describeProgram),
    epilogue: epilogueOf(command),
  };
}

/** Commander keeps what was added after the help to itself: but it says it where it is told to write. */
function epilogueOf(command: CommandUnknownOpts): string {
  let text = "";
  const { writeOut } = command.configureOutput();
  command.configureOutput({ writeOut: (more) => void (text += more) });
  command.outputHelp();
  command.configureOutput({ writeOut });
  return text.slice(command.helpInformation().length).trim();
}
