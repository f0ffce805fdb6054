import { roleMadeBy, unquoted } from "./roles_in_sql.ts";
import type { ServerMessage } from "./server_messages.ts";

/** No such database, schema, table, column, function, or other object. */
const thereIsNone = new Set(["3D000", "3F000", "42P01", "42703", "42883", "42704"]);

const ofTablespace =
  /^(?:(?:CREATE|ALTER|DROP|COMMENT ON) TABLESPACE |(?:GRANT|REVOKE) .* ON TABLESPACE |SECURITY LABEL .* ON TABLESPACE |SET default_tablespace ?(?:=|TO) ?(?!''$))/is;
const ofSessions =
  /^ALTER (?:DATABASE|ROLE|USER) .* SET "?(?:role|session_authorization|session_preload_libraries|local_preload_libraries|default_tablespace|temp_tablespaces)\b/is;

/** Whether a statement is about tablespaces, which need directories of the source's host. */
function isOfTablespace(text: string): boolean {
  return ofTablespace.test(text);
}

/**
 * Statements that are not run: the owner of an event trigger must be a superuser, and no role that a dump names is made
 * one. In a cluster of the dump's own neither are those that would change or lock out our own sessions there, and, where
 * it is of a whole server, those on tablespaces: it makes them, in directories of the source's host.
 *
 * @param cluster Absent on a server that holds more than the dump.
 */
export function isLeftOut(
  text: string,
  cluster?: { superuser: string; holdsServer: boolean },
): boolean {
  if (/^ALTER EVENT TRIGGER .* OWNER TO /i.test(text)) return true;
  if (cluster === undefined) return false;
  if ((cluster.holdsServer && isOfTablespace(text)) || ofSessions.test(text)) return true;
  const altered = /^ALTER (?:ROLE|USER) ("(?:[^"]|"")+"|[^ ]+) /i.exec(text)?.[1];
  return altered !== undefined && (/^all$/i.test(altered) || unquoted(altered) === cluster.superuser);
}

/** Whether a statement that failed has left everything as it should be. */
export function isHarmless(text: string, { sqlstate }: ServerMessage, superuser?: string): boolean {
  // pg_dump --clean, without --if-exists, into an empty database.
  if (thereIsNone.has(sqlstate) && /^(?:DROP|ALTER (?:TABLE|DOMAIN) .* DROP) /i.test(text)) return true;
  // pg_dump --schema public.
  if (sqlstate === "42P06" && /^CREATE SCHEMA (?:public|"public")$/i.test(text)) return true;
  if (superuser === undefined) return false;
  // Such an owner must be a superuser.
  if (sqlstate === "42501" && /^ALTER (?:FOREIGN DATA WRAPPER|PUBLICATION|SUBSCRIPTION) .* OWNER TO /i.test(text)) {
    return true;
  }
  // The cluster's own superuser is there already, and so is whom the dump names before it makes it.
  if (sqlstate === "42710" && roleMadeBy(text) !== undefined) return true;
  if (sqlstate === "2BP01" && /^DROP (?:ROLE|USER|GROUP) /i.test(text)) return true;
  const dropped = /^DROP (?:ROLE|USER) (?:IF EXISTS )?(\S+)$/i.exec(text)?.[1];
  return dropped !== undefined && unquoted(dropped) === superuser;
}
