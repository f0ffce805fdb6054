import type { DescribedCommand, DescribedOption } from "./describe_program.ts";

/** What makes the script for each shell. */
export const completionScripts: Record<"bash" | "zsh" | "fish", (program: DescribedCommand) => string> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/**
 * Completes commands, options, and values that are one of a few; for other values, and arguments, bash offers files.
 *
 * Written for bash 3.2, which macOS has: no mapfile, no associative arrays.
 */
function bashCompletion(program: DescribedCommand): string {
  const { name } = program;
  return `# bash completion for ${name}, as \`${name} completion bash\` prints it.
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} command='' words='' place
  # bash takes --option=value apart: "--option" "=" "value".
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((place = 1; place < COMP_CWORD; place++)); do
    if [[ \${COMP_WORDS[place]} != -* ]]; then
      command=\${COMP_WORDS[place]}
      break
    fi
  done
  case $command:$previous in
${valueCases(program)}
    *)
      case $command in
${commandCases(program)}
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _${name} ${name}`;
}

/** After an option that takes a value: one of its choices, or nothing of ours, and then bash offers files. */
function valueCases({ commands }: DescribedCommand): string {
  return commands.flatMap(({ name, options }) => {
    const valued = options.filter(({ value }) => value !== undefined);
    const chosen = valued.filter(({ choices }) => choices.length > 0);
    const free = valued.filter(({ choices }) => choices.length === 0);
    return [
      ...chosen.map((option) => `    ${name}:${option.long}) words='${option.choices.join(" ")}' ;;`),
      ...(free.length > 0 ? [`    ${free.map(({ long }) => `${name}:${long}`).join(" | ")}) ;;`] : []),
    ];
  }).join("\n");
}

function commandCases(program: DescribedCommand): string {
  return [
    `        "") words='${[...program.commands.map(({ name }) => name), ...flags(program.options)].join(" ")}' ;;`,
    ...program.commands.map((command) => {
      const choices = command.arguments.flatMap(({ choices }) => choices);
      return `        ${command.name}) words='${[...choices, ...flags(command.options)].join(" ")}' ;;`;
    }),
  ].join("\n");
}

function flags(options: DescribedOption[]): string[] {
  return options.map(({ long }) => long);
}

/** Completes with descriptions. */
function fishCompletion(program: DescribedCommand): string {
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

/** Completes with descriptions. Works as an autoloaded file `_pgrehearse` and when it is sourced after compinit. */
function zshCompletion(program: DescribedCommand): string {
  const { name, commands } = program;
  return `#compdef ${name}
# zsh completion for ${name}, as \`${name} completion zsh\` prints it.
_${name}() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quotedForZsh(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
  )
  _arguments -C ${program.options.map(specification).join(" ")} '1: :->command' '*:: :->arguments'
  case $state in
    command) _describe command commands ;;
    arguments)
      case $line[1] in
${commands.map(commandCase).join("\n")}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _${name} ]; then
  _${name} "$@"
else
  compdef _${name} ${name}
fi`;
}

function commandCase({ name, options, arguments: operands }: DescribedCommand): string {
  const specifications = [
    ...options.map(specification),
    ...operands.map(({ name, choices }) => quotedForZsh(`*:${name}:${values(choices)}`)),
  ];
  return `        ${name})\n          _arguments -s \\\n            ${
    specifications.join(" \\\n            ")
  }\n          ;;`;
}

/** `'--format=[of the dump]:format:(custom directory)'`. */
function specification({ long, short, description, value, choices, isRepeatable }: DescribedOption): string {
  const text = `[${description.replace(/[[\]\\:]/g, "\\$&")}]`;
  if (value !== undefined) {
    return quotedForZsh(`${isRepeatable ? "*" : ""}${long}=${text}:${value.replaceAll(":", "\\:")}:${values(choices)}`);
  }
  return short ? `'(${short} ${long})'{${short},${long}}${quotedForZsh(text)}` : quotedForZsh(long + text);
}

function values(choices: string[]): string {
  return choices.length > 0 ? `(${choices.join(" ")})` : "_files";
}

function quotedForZsh(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
