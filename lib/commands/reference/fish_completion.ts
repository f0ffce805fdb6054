import type { DescribedCommand, DescribedOption } from "./describe_program.ts";

/** Completes with descriptions. */
export function fishCompletion(program: DescribedCommand): string {
  const { name } = program;
  const atCommand = "__fish_use_subcommand";
  return [
    `# fish completion for ${name}, as \`${name} completion fish\` prints it.`,
    ...program.options.map((option) => line(name, atCommand, optionArguments(option))),
    ...program.commands.flatMap((command) => [
      line(name, atCommand, `-f -a ${command.name} -d ${quoted(command.summary)}`),
      ...command.options.map((option) =>
        line(name, `__fish_seen_subcommand_from ${command.name}`, optionArguments(option))
      ),
      ...command.arguments.filter(({ choices }) => choices.length > 0).map(({ choices, description }) =>
        line(
          name,
          `__fish_seen_subcommand_from ${command.name}`,
          `-f -a ${quoted(choices.join(" "))} -d ${quoted(description)}`,
        )
      ),
    ]),
  ].join("\n");
}

function line(program: string, condition: string, rest: string): string {
  return `complete -c ${program} -n ${quoted(condition)} ${rest}`;
}

function optionArguments({ long, short, description, value, choices }: DescribedOption): string {
  const takes = value === undefined ? "" : choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -r -F";
  return `-l ${long.slice(2)}${short ? ` -s ${short.slice(1)}` : ""}${takes} -d ${quoted(description)}`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
