import { dumpConnectsElsewhere, dumpRunsCommands } from "./findings.ts";
import { unquoted } from "./roles_in_sql.ts";
import type { PsqlCommand } from "./sql_part.ts";

/**
 * What pg_dump itself writes for psql, and what changes nothing but how psql prints or goes on. Of encodings, the one that
 * it writes before it connects to a database of an odd name, whose dump then says its own.
 */
const harmless =
  /^\\(?:\.|(?:un)?restrict(?: [A-Za-z0-9]+)?|encoding SQL_ASCII|echo\b.*|qecho\b.*|timing\b.*|set (?:ON_ERROR_STOP|ON_ERROR_ROLLBACK|ECHO|QUIET|VERBOSITY|SHOW_CONTEXT)\b.*)$/;

const plainName = /^\\c(?:onnect)? (?:-reuse-previous=on )?([A-Za-z_][\w$-]*|"(?:[^"]|"")+")$/;
const inConninfo = /^\\c(?:onnect)? -reuse-previous=on "dbname='((?:[^'\\]|\\.)*)'"$/;

/**
 * The database that a dump wants to go on in; `undefined` if the command changes nothing.
 *
 * @throws {OperatorError} `DUMP_RUNS_COMMANDS`, `DUMP_CONNECTS_ELSEWHERE` for every other command.
 */
export function databaseConnectedTo({ text, line, isAlone }: PsqlCommand, file: string): string | undefined {
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
  const finding = /^\\c(?:onnect)?(?![a-z])/.test(command) ? dumpConnectsElsewhere : dumpRunsCommands;
  throw finding.error({ file, line, text: shown });
}
