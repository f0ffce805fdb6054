import type { ArchiveContents } from "../postgres/archive_contents.ts";
import { rolesInStatement } from "../postgres/plain/roles_in_sql.ts";
import { makeSqlReader } from "../postgres/plain/sql_reader.ts";

/** What pg_restore makes for a role by name, also without owners and grants. */
const naming = new Set(["POLICY", "USER MAPPING"]);

/** Names the roles without which an archive does not restore. */
export function rolesOfArchive({ entries }: ArchiveContents): string[] {
  const roles = new Set<string>();
  for (const { kind, definition } of entries) {
    if (!naming.has(kind)) continue;
    for (const part of makeSqlReader().read(new TextEncoder().encode(definition), true)) {
      if (part.kind === "statement") { for (const role of rolesInStatement(part.text)) roles.add(role); }
    }
  }
  return [...roles];
}
