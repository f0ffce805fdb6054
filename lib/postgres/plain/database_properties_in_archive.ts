import type { ArchiveEntry } from "../archive_contents.ts";
import { makeSqlReader } from "./sql_reader.ts";

const ofDatabase = /^(COMMENT|ACL|SECURITY LABEL)$/;
const identifier = `(?:"(?:[^"]|"")+"|[^ "]+)`;
const properties = new RegExp(
  `^(?:ALTER DATABASE ${identifier} (?:SET|CONNECTION LIMIT|IS_TEMPLATE|RESET)\\b|ALTER ROLE ${identifier} IN DATABASE ` +
    `|COMMENT ON DATABASE |(?:GRANT|REVOKE) .* ON DATABASE |SECURITY LABEL FOR .* ON DATABASE )`,
  "is",
);

/**
 * Names the statements of an archive that give its database owner, grants, settings, limit and comment: those that
 * `pg_restore --create` runs besides making it. They name it as it was called.
 */
export function databasePropertiesIn(entries: readonly ArchiveEntry[], name: string): string[] {
  const quoted = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;
  const statements: string[] = [];
  for (const { kind, name: tag, owner, definition } of entries) {
    if (kind === "DATABASE" && owner) statements.push(`ALTER DATABASE ${quoted(name)} OWNER TO ${quoted(owner)}`);
    if (kind !== "DATABASE PROPERTIES" && !(ofDatabase.test(kind) && tag.startsWith("DATABASE "))) continue;
    for (const part of makeSqlReader().read(new TextEncoder().encode(definition), true)) {
      if (part.kind === "statement" && properties.test(part.text)) {
        statements.push(new TextDecoder().decode(part.bytes));
      }
    }
  }
  return statements;
}
