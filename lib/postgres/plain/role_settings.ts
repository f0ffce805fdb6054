import { Buffer } from "node:buffer";
import { mappedRole, type RoleMapping } from "../../options/role_mapping.ts";
import { readDumpText } from "./dump_text.ts";
import { mapRolesInSql } from "./map_roles_in_sql.ts";
import { unquoted } from "./roles_in_sql.ts";
import { sqlPartsOf } from "./survey_sql_dump.ts";

const name = `"(?:[^"]|"")+"|[^ ]+`;
const grantOnParameter = new RegExp(
  `^GRANT (?:SET|ALTER SYSTEM|ALL)(?: ?, ?(?:SET|ALTER SYSTEM))* ON PARAMETER "?[\\w.]+"? TO (${name})(?: WITH GRANT OPTION)?$`,
  "i",
);
const setting = new RegExp(`^ALTER ROLE (${name}) SET (?:"[\\w.]+"|[\\w.]+) TO `, "i");

/**
 * Reads the settings of some roles, and what they may set, from a file of `pg_dumpall --globals-only`: the statements that
 * give them.
 *
 * @param roles As they are called on the server.
 * @param mapping What roles of the file are called there.
 */
export async function readRoleSettings(
  path: string,
  roles: ReadonlySet<string>,
  mapping: Pick<RoleMapping, "roles"> = { roles: new Map() },
): Promise<string[]> {
  const rename = (role: string) => mappedRole(mapping, role);
  const statements: string[] = [];
  for await (const part of sqlPartsOf({ read: () => readDumpText(path) })) {
    if (part.kind !== "statement") continue;
    const role = (setting.exec(part.text) ?? grantOnParameter.exec(part.text))?.[1];
    if (role === undefined || !roles.has(rename(unquoted(role)))) continue;
    const statement = mapRolesInSql(Buffer.from(part.bytes).toString("latin1"), rename);
    statements.push(Buffer.from(statement, "latin1").toString());
  }
  return statements;
}
