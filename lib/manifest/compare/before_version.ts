import type { Definition } from "../definitions.ts";

/**
 * Whether two definitions differ only in what the source's version had no word for.
 *
 * Before PostgreSQL 16 every subscription ran as its owner. pg_dump 16 and newer say so of them, older ones do not.
 *
 * @param sourceVersion `server_version_num` of the source.
 */
export function sameBeforeVersion(expected: Definition, found: Definition, sourceVersion: number): boolean {
  if (expected.kind !== "subscription" || sourceVersion >= 160000) return false;
  return found.definition.replace(/^RUN AS OWNER\n?/m, "").trimEnd() === expected.definition;
}
