import { findChain } from "../manifest/chain/find_chain.ts";
import type { Sql } from "../postgres/connection/connect.ts";
import { readAppliedMigrations } from "./applied_migrations.ts";
import { migrationEdited, migrationFailed } from "./findings.ts";
import { embeddedMigrations, type Migration } from "./migrations.ts";

/** A statement in the file that Postgres allows only outside a transaction, such as CREATE INDEX CONCURRENTLY. */
const activeSqlTransaction = "25001";

/**
 * Applies the migrations that a database does not have yet, each in a transaction, and records them with their hash in
 * `schema_migrations`, or `pgrehearse_migrations` where another tool has a table of that name. Applying them again does
 * nothing.
 *
 * @param sql A connection of one session; unqualified names in the files resolve by its own search_path.
 * @param migrations Ours are left out where another tool's migrations made an audit chain already.
 * @throws {OperatorError} `MIGRATION_EDITED` if an applied file has changed since, `MIGRATION_FAILED`.
 */
export async function migrate(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  if (migrations === embeddedMigrations && await hasForeignChain(sql)) return;
  const { hashes, isAppliedByOthers, table } = await readAppliedMigrations(sql, migrations);
  for (const migration of migrations) {
    const appliedHash = hashes.get(migration.name);
    if (appliedHash !== undefined && appliedHash !== migration.sha256) {
      throw migrationEdited.error({ name: migration.name });
    }
    const isApplied = appliedHash !== undefined || (migrations !== embeddedMigrations && isAppliedByOthers(migration));
    if (!isApplied) await apply(sql, migration, table);
  }
}

/** Whether there is a chain that no migration of ours made. */
async function hasForeignChain(sql: Sql): Promise<boolean> {
  const chain = await findChain(sql);
  if (!chain) return false;
  const [{ made }] = await sql<{ made: boolean }[]>`
    SELECT pg_catalog.to_regprocedure('public.audit_events_begin_insert()') IS NOT NULL AS made`;
  return !made;
}

/**
 * A file that brings its own BEGIN and COMMIT ends our transaction with its own; the record then follows right after.
 */
async function apply(sql: Sql, { name, sql: text, sha256 }: Migration, table: string): Promise<void> {
  const record = () => sql`INSERT INTO public.${sql(table)} (name, sha256) VALUES (${name}, ${sha256})`;
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
    const line = position ? text.slice(0, Number(position)).split("\n").length : undefined;
    throw migrationFailed.error({ name, line, said: message }, { cause: error });
  }
}
