import type { DescribedCommand, DescribedOption } from "./describe_program.ts";

/** Completes with descriptions. Works as an autoloaded file `_pgrehearse` and when it is sourced after compinit. */
export function zshCompletion(program: DescribedCommand): string {
  const { name, commands } = program;
  return `#compdef ${name}
# zsh completion for ${name}, as \`${name} completion zsh\` prints it.
_${name}() {
  local curcontext=$curcontext state line
  local -a commands
  commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`).join("\n")}
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
    ...operands.map(({ name, choices }) => quoted(`*:${name}:${values(choices)}`)),
  ];
  return `        ${name})\n          _arguments -s \\\n            ${
    specifications.join(" \\\n            ")
  }\n          ;;`;
}

/** `'--format=[of the dump]:format:(custom directory)'`. */
function specification({ long, short, description, value, choices, isRepeatable }: DescribedOption): string {
  const text = `[${description.replace(/[[\]\\:]/g, "\\$&")}]`;
  if (value !== undefined) {
    return quoted(`${isRepeatable ? "*" : ""}${long}=${text}:${value.replaceAll(":", "\\:")}:${values(choices)}`);
  }
  return short ? `'(${short} ${long})'{${short},${long}}${quoted(text)}` : quoted(long + text);
}

function values(choices: string[]): string {
  return choices.length > 0 ? `(${choices.join(" ")})` : "_files";
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
