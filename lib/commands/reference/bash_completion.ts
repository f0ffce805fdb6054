import type { DescribedCommand, DescribedOption } from "./describe_program.ts";

/**
 * Completes commands, options, and values that are one of a few; for other values, and arguments, bash offers files.
 *
 * Written for bash 3.2, which macOS has: no mapfile, no associative arrays.
 */
export function bashCompletion(program: DescribedCommand): string {
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
