import type { Sql } from "../postgres/connection/connect.ts";
import { OperatorError } from "../system/operator_error.ts";
import type { Migration } from "./migrations.ts";

/** A statement in the file that Postgres allows only outside a transaction, such as CREATE INDEX CONCURRENTLY. */
const activeSqlTransaction = "25001";

/**
 * Applies the migrations that a database does not have yet, each in a transaction, and records them with their hash in
 * `schema_migrations`. Applying them again does nothing.
 *
 * @param sql A connection of one session; unqualified names in the files resolve by its own search_path.
 * @throws {OperatorError} `MIGRATION_EDITED` if an applied file has changed since, `MIGRATION_FAILED`.
 */
export async function migrate(sql: Sql, migrations: Migration[]): Promise<void> {
  await sql`
    CREATE TABLE IF NOT EXISTS public.schema_migrations (
      name text PRIMARY KEY,
      sha256 text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`;
  const applied = await readApplied(sql);
  for (const migration of migrations) {
    const appliedHash = applied.get(migration.name);
    if (appliedHash === undefined) await apply(sql, migration);
    else if (appliedHash !== migration.sha256) throw edited(migration.name);
  }
}

async function readApplied(sql: Sql): Promise<Map<string, string>> {
  try {
    const rows = await sql<{ name: string; sha256: string }[]>`SELECT name, sha256 FROM public.schema_migrations`;
    return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
  } catch (error) {
    throw new OperatorError(
      "MIGRATIONS_TABLE_FOREIGN",
      "This database has a schema_migrations table that another tool made.",
      { fix: "Use a database of its own, or let that tool migrate and run only verify.", cause: error },
    );
  }
}

/**
 * A file that brings its own BEGIN and COMMIT ends our transaction with its own; the record then follows right after.
 */
async function apply(sql: Sql, { name, sql: text, sha256 }: Migration): Promise<void> {
  const record = () => sql`INSERT INTO public.schema_migrations (name, sha256) VALUES (${name}, ${sha256})`;
  try {
    try {
      await sql.unsafe("BEGIN");
      await sql.unsafe(text).simple();
      await record();
      await sql.unsafe("COMMIT");
    } catch (error) {
      await sql.unsafe("ROLLBACK");
      if ((error as { code?: string }).code !== activeSqlTransaction) throw error;
      await sql.unsafe(text).simple();
      await record();
    }
  } catch (error) {
    const { message, position } = error as { message: string; position?: string };
    const line = position ? `:${text.slice(0, Number(position)).split("\n").length}` : "";
    throw new OperatorError("MIGRATION_FAILED", `Migration ${name}${line} failed: ${message}.`, {
      fix: "Nothing of that file was applied. Correct it, or use a database that it was written for.",
      cause: error,
    });
  }
}

function edited(name: string): OperatorError {
  return new OperatorError("MIGRATION_EDITED", `Migration ${name} was applied and has been edited since.`, {
    fix: "Restore the file as it was, and put the change into a new migration.",
  });
}
