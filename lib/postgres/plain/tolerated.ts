import { roleMadeBy, unquoted } from "./roles_in_sql.ts";
import type { ServerMessage } from "./server_messages.ts";

/** No such database, schema, table, column, function, or other object. */
const thereIsNone = new Set(["3D000", "3F000", "42P01", "42703", "42883", "42704"]);

/**
 * Statements that are not run: the owner of an event trigger must be a superuser, and no role that a dump names is made
 * one.
 */
export function isLeftOut(text: string): boolean {
  return /^ALTER EVENT TRIGGER .* OWNER TO /i.test(text);
}

/** Whether a statement that failed has left everything as it should be. */
export function isHarmless(text: string, { sqlstate }: ServerMessage, superuser?: string): boolean {
  // pg_dump --clean, without --if-exists, into an empty database.
  if (thereIsNone.has(sqlstate) && /^(?:DROP|ALTER (?:TABLE|DOMAIN) .* DROP) /i.test(text)) return true;
  // pg_dump --schema public.
  if (sqlstate === "42P06" && /^CREATE SCHEMA (?:public|"public")$/i.test(text)) return true;
  if (superuser === undefined) return false;
  // pg_dumpall: the cluster's own superuser is there already, and can be neither made nor dropped.
  if (sqlstate === "42710" && roleMadeBy(text) === superuser) return true;
  const dropped = /^DROP (?:ROLE|USER) (?:IF EXISTS )?(\S+)$/i.exec(text)?.[1];
  return dropped !== undefined && unquoted(dropped) === superuser;
}
