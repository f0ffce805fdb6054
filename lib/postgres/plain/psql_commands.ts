import { OperatorError } from "../../system/operator_error.ts";
import { unquoted } from "./roles_in_sql.ts";
import type { PsqlCommand } from "./sql_part.ts";

/** What pg_dump itself writes for psql, and what changes nothing but how psql prints or goes on. */
const harmless =
  /^\\(?:\.|(?:un)?restrict(?: [A-Za-z0-9]+)?|echo\b.*|qecho\b.*|timing\b.*|set (?:ON_ERROR_STOP|ON_ERROR_ROLLBACK|ECHO|QUIET|VERBOSITY|SHOW_CONTEXT)\b.*)$/;

const plainName = /^\\c(?:onnect)? (?:-reuse-previous=on )?([A-Za-z_][\w$-]*|"(?:[^"]|"")+")$/;
const inConninfo = /^\\c(?:onnect)? -reuse-previous=on "dbname='((?:[^'\\]|\\.)*)'"$/;

/**
 * The database that a dump wants to go on in; `undefined` if the command changes nothing.
 *
 * @throws {OperatorError} `DUMP_RUNS_COMMANDS`, `DUMP_CONNECTS_ELSEWHERE` for every other command.
 */
export function databaseOf({ text, line, isAlone }: PsqlCommand, file: string): string | undefined {
  const command = text.replaceAll("\t", " ").replace(/ +/g, " ").trimEnd();
  if (isAlone && !command.includes("`") && !command.includes("\\\\")) {
    if (harmless.test(command)) return undefined;
    const inside = inConninfo.exec(command)?.[1];
    if (inside !== undefined) return unquoted(`"${inside.replace(/\\(.)/g, "$1").replaceAll('""', '"')}"`);
    const quoted = plainName.exec(command)?.[1];
    // psql takes what looks like a connection string for one, also in quotes.
    if (quoted && !/=|:\/\//.test(quoted)) return quoted.startsWith('"') ? unquoted(quoted) : unquoted(`"${quoted}"`); // psql folds nothing
  }
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  if (/^\\c(?:onnect)?(?![a-z])/.test(command)) throw connectsElsewhere(file, line, shown);
  throw new OperatorError(
    "DUMP_RUNS_COMMANDS",
    `${file} gives psql a command of its own, in line ${line}: ${shown}.`,
    {
      fix:
        "No command of a dump is obeyed, and nothing was restored. Dump with pg_dump; or look at that line, and at " +
        "who wrote it, before you remove it.",
    },
  );
}

export function connectsElsewhere(file: string, line: number, shown: string): OperatorError {
  return new OperatorError(
    "DUMP_CONNECTS_ELSEWHERE",
    `${file} connects to a database by itself, in line ${line}: ${shown}.`,
    { fix: "Drill it without --into, or dump one database at a time, without --create: nothing was restored." },
  );
}
