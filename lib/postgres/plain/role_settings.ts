import { readDumpText } from "./dump_text.ts";
import { unquoted } from "./roles_in_sql.ts";
import { partsOf } from "./survey_sql_dump.ts";

const name = `"(?:[^"]|"")+"|[^ ]+`;
const grantOnParameter = new RegExp(
  `^GRANT (?:SET|ALTER SYSTEM|ALL)(?: ?, ?(?:SET|ALTER SYSTEM))* ON PARAMETER "?[\\w.]+"? TO (${name})(?: WITH GRANT OPTION)?$`,
  "i",
);
const setting = new RegExp(`^ALTER ROLE (${name}) SET (?:"[\\w.]+"|[\\w.]+) TO `, "i");

/**
 * Reads the settings of some roles, and what they may set, from a file of `pg_dumpall --globals-only`: the statements that
 * give them.
 */
export async function readRoleSettings(path: string, roles: ReadonlySet<string>): Promise<string[]> {
  const statements: string[] = [];
  for await (const part of partsOf({ read: () => readDumpText(path) })) {
    if (part.kind !== "statement") continue;
    const role = (setting.exec(part.text) ?? grantOnParameter.exec(part.text))?.[1];
    if (role !== undefined && roles.has(unquoted(role))) statements.push(new TextDecoder().decode(part.bytes));
  }
  return statements;
}
