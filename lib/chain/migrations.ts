import { createHash } from "node:crypto";
import { join } from "node:path";
import auditChain from "../../migrations/0001_audit_chain.sql" with { type: "text" };
import verifyChain from "../../migrations/0002_verify_chain.sql" with { type: "text" };
import { reasonOf } from "../system/operator_error.ts";
import { readRegularText } from "../system/regular_file.ts";
import { migrationsUnreadable } from "./findings.ts";

/** One SQL file. */
export interface Migration {
  /** The file's name; migrations run in the order of their names. */
  name: string;
  sql: string;
  /** Of the file's bytes, lower-case hex. */
  sha256: string;
}

/** Our own, embedded in the program. */
export const embeddedMigrations: Migration[] = [
  migration("0001_audit_chain.sql", auditChain),
  migration("0002_verify_chain.sql", verifyChain),
];

/**
 * Reads a directory's migrations in name order: every `*.up.sql` of a directory or, where it has none, every `*.sql`
 * without `*.down.sql`.
 *
 * @throws {OperatorError} `MIGRATIONS_UNREADABLE` if the directory cannot be read or holds none.
 */
export async function readMigrations(directory: string): Promise<Migration[]> {
  try {
    let names = (await Array.fromAsync(Deno.readDir(directory)))
      .filter(({ name, isDirectory }) => !isDirectory && name.endsWith(".sql") && !name.endsWith(".down.sql"))
      .map(({ name }) => name).sort();
    // Beside files for up and down, others are seeds or scripts.
    const up = names.filter((name) => name.endsWith(".up.sql"));
    if (up.length > 0) names = up;
    if (names.length === 0) throw new Error("it holds no .sql file");
    return await Promise.all(
      names.map(async (name) => migration(name, await readRegularText(join(directory, name)))),
    );
  } catch (error) {
    throw migrationsUnreadable.error({ directory, reason: reasonOf(error) }, { cause: error });
  }
}

function migration(name: string, sql: string): Migration {
  return { name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
}
