import { type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import {
  type Declaration,
  type Declarations,
  isNegative,
  nameOfFlag,
  type SaidOfOption,
  variableOf,
} from "../options/declaration.ts";
import { BadValue, parseValue, readVariable } from "../options/parse_value.ts";

/** What each option of commander's was made of, and its name in its group. */
const declared = new WeakMap<Option, { name: string; declaration: Declaration }>();

/**
 * Gives a command options as they are declared. Commander only takes the command line apart: what a text means, and what
 * counts where nothing is said, is decided by the declaration.
 */
export function declareOptions<Declared extends CommandUnknownOpts>(command: Declared, group: Declarations): Declared {
  for (const [name, declaration] of Object.entries(group)) {
    const option = new Option(declaration.flag, declaration.help);
    if (declaration.choices) option.choices(declaration.choices);
    if (declaration.heading) option.helpGroup(declaration.heading);
    if (declaration.type !== "switch") option.argParser<string[]>((text, gathered = []) => [...gathered, text]);
    option.conflicts((declaration.conflicts ?? []).map((name) => attributeOf(group[name])));
    declared.set(option, { name, declaration });
    command.addOption(option);
  }
  return command;
}

/** What an option of commander's was made of; absent of those that commander makes itself. */
export function declarationOf(option: Option): Declaration | undefined {
  return declared.get(option)?.declaration;
}

/** Every option that a command was given. */
export function optionsOf({ options }: Pick<CommandUnknownOpts, "options">): Declarations {
  return Object.fromEntries(options.flatMap((option) => {
    const found = declared.get(option);
    return found ? [[found.name, found.declaration]] : [];
  }));
}

/** An option in the help: what it is for, its choices, an example, its default, and its variable. */
export function describeOption(option: Option): string {
  const declaration = declarationOf(option);
  if (!declaration) return option.description;
  const { help, choices, example } = declaration;
  const value = declaration.default ?? declaration.usual;
  const variable = variableOf(declaration);
  const more = [
    ...(choices ? [`choices: ${choices.join(", ")}`] : []),
    ...(example === undefined ? [] : [`example: ${example}`]),
    ...(value === undefined ? [] : [`default: ${value}`]),
    ...(variable === undefined ? [] : [`env: ${variable}`]),
  ];
  return more.length > 0 ? `${help} (${more.join("; ")})` : help;
}

/**
 * Reads what the command line and the environment say of a group of options.
 *
 * A variable says nothing of an option that cannot be given together with a flag that was given.
 */
export function readSaid<Group extends Declarations>(command: CommandUnknownOpts, group: Group): SaidOfOption<Group> {
  const env = Deno.env.toObject();
  const flagged = Object.entries(group).filter(([, option]) => isFlagged(command, option));
  const excluded = new Set(flagged.flatMap(([, { conflicts = [] }]) => conflicts));
  const said = Object.entries(group).flatMap(([name, option]) => {
    const value = isFlagged(command, option)
      ? readFlag(command, option)
      : excluded.has(name)
      ? undefined
      : readEnvironment(command, option, env);
    if (value === undefined && option.required) {
      command.error(`error: required option '${option.flag}' not specified`);
    }
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(said) as SaidOfOption<Group>;
}

/** Whether an option is on the command line. */
export function isFlagged(command: CommandUnknownOpts, option: Declaration): boolean {
  return command.getOptionValueSource(attributeOf(option)) === "cli";
}

function readFlag(command: CommandUnknownOpts, option: Declaration): unknown {
  const given = command.getOptionValue(attributeOf(option)) as string[] | string | boolean;
  if (option.type === "switch") return !isNegative(option);
  if (typeof given === "boolean") return given; // one whose value was left out
  const texts = [given].flat();
  for (const text of texts) {
    try {
      parseValue(option, [text]);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      command.error(`error: option '${option.flag}' argument '${text}' is invalid. ${error.message}`);
    }
  }
  return parseValue(option, texts);
}

function readEnvironment(command: CommandUnknownOpts, option: Declaration, env: Record<string, string>): unknown {
  try {
    return readVariable(option, env);
  } catch (error) {
    if (!(error instanceof BadValue)) throw error;
    return command.error(`error: ${error.message}`);
  }
}

/** What commander calls an option: `lockTimeout` for `--lock-timeout <duration>`, `record` for `--no-record`. */
function attributeOf(option: Declaration): string {
  return nameOfFlag(option).replace(/^--(no-)?/, "").replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
