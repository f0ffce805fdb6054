import { toolVersion } from "../../verdict/tool_version.ts";
import { wrap } from "../../report/wrap.ts";
import type { DescribedCommand, DescribedOption } from "./describe_program.ts";

/** The manual page in roff's man macros, section 1. */
export function manPage(program: DescribedCommand): string {
  const { name, description, options, commands, epilogue } = program;
  return [
    `.TH ${name.toUpperCase()} 1 "" "${name} ${toolVersion.version}" "User Commands"`,
    ".ad l",
    ".nh",
    ".SH NAME",
    text(`${name} - restores a Postgres backup for real, and proves the restored copy`),
    ".SH SYNOPSIS",
    `.B ${name}`,
    ".I command",
    "[options]",
    ".SH DESCRIPTION",
    paragraphs(description),
    ".PP",
    filled(about),
    ".SH OPTIONS",
    ...options.map(optionEntry),
    ".SH COMMANDS",
    ...[...Map.groupBy(commands, ({ group }) => group)].flatMap(([group, members]) => [
      `.SS ${text(group.replace(/:$/, ""))}`,
      ...members.map(({ name, summary }) => entry(`.B ${text(name)}`, summary)),
    ]),
    ...commands.flatMap(commandSection),
    ".SH ENVIRONMENT",
    filled(aboutVariables),
    ...variablesOf(commands).map(([name, flags]) => entry(`.B ${text(name)}`, flags.join(", "))),
    ...environment.map(([names, meaning]) => entry(`.B ${text(names)}`, meaning)),
    ".SH EXIT STATUS AND EXAMPLES",
    preformatted(epilogue),
  ].join("\n");
}

const about = `Every command prints exactly one JSON document, its verdict, on standard output. Messages for people
go to standard error. A run that could not verify never passes.`;

const aboutVariables = `The command line wins over the environment, the environment over the configuration, and that
over the defaults. An empty variable says nothing. A variable of a switch is true or false; one of an option that may be
repeated has commas between its values.`;

/** The variables of all commands' options, by name, each with the flags that say the same. */
function variablesOf(commands: readonly DescribedCommand[]): [string, string[]][] {
  const flags = new Map<string, Set<string>>();
  for (const { long, variable } of commands.flatMap(({ options }) => options)) {
    if (variable !== undefined) flags.set(variable, (flags.get(variable) ?? new Set()).add(`the same as ${long}`));
  }
  return [...flags].map(([name, all]): [string, string[]] => [name, [...all]]).sort(([a], [b]) => a < b ? -1 : 1);
}

/** What the options do not say. */
const environment = [
  ["DATABASE_URL", "the database, if --db-url is not given"],
  ["PGHOST, PGPORT, PGUSER, PGPASSWORD, PGSERVICE, ...", "as in psql, if neither is given"],
  ["NO_COLOR", "if set and not empty: no colors"],
  ["COLUMNS, LINES", "the terminal's size, to override it"],
  ["TERM", "if dumb: no progress lines that change"],
] as const;

function commandSection({ name, usage, description, arguments: operands, options, epilogue }: DescribedCommand) {
  return [
    `.SH ${text(name.toUpperCase())}`,
    `.B ${text(usage)}`,
    ".PP",
    paragraphs(description),
    ...operands.filter(({ description }) => description).map(({ name, description }) =>
      entry(`.I ${text(name)}`, description)
    ),
    ...options.map(optionEntry),
    ".PP",
    preformatted(epilogue),
  ];
}

function optionEntry({ flags, description }: DescribedOption): string {
  return entry(`.B ${text(flags)}`, description);
}

function entry(term: string, meaning: string): string {
  return `.TP\n${term}\n${filled(meaning)}`;
}

/** Paragraphs are filled anew; lines that are indented stay as they are. */
function paragraphs(description: string): string {
  const blocks = description.split(/\n\n+/).map((block) => {
    const lines = block.split("\n");
    const isPlain = lines.some((line) => line.startsWith(" "));
    return isPlain ? preformatted(block) : filled(block);
  });
  return blocks.join("\n.PP\n");
}

/** Lines as long as people write them in roff: what reads it fills them anew. */
function filled(paragraph: string): string {
  return text(wrap(paragraph.replaceAll("\n", " "), { width: 72 }).join("\n"));
}

function preformatted(block: string): string {
  return `.nf\n${text(block)}\n.fi`;
}

/** As text and nothing else: no line is taken for a macro, no minus for a hyphen. */
function text(plain: string): string {
  return plain.split("\n").map((line) =>
    line.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&")
      .replaceAll("“", "\\(lq").replaceAll("”", "\\(rq").replaceAll("…", "...")
  ).join("\n");
}
