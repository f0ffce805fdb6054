import { readArchiveContents } from "./archive_contents.ts";
import type { Sql } from "./connection/connect.ts";

/**
 * Makes the roles that own something in an archive, in a cluster of ours: nobody logs in as one, and none is a superuser.
 * Each reads and writes every row, as the superuser could that it may have been; grants are not restored.
 *
 * @returns Whether all are there: before PostgreSQL 14 no role can be given as much.
 */
export async function makeOwners(sql: Sql, archive: string): Promise<boolean> {
  const contents = await readArchiveContents(archive);
  const [{ canRead }] = await sql<{ canRead: boolean }[]>`
    SELECT current_setting('server_version_num')::integer >= 140000 AS "canRead"`;
  if (!contents || !canRead) return false;
  const owners = [...new Set(contents.map(({ owner }) => owner))].filter(Boolean);
  const statements = await sql<{ statement: string }[]>`
    SELECT statement
    FROM json_array_elements_text(${JSON.stringify(owners)}::text::json) AS owner
    LEFT JOIN pg_catalog.pg_roles ON rolname = owner
    CROSS JOIN LATERAL (
      VALUES
        (1, CASE WHEN rolname IS NULL THEN format('CREATE ROLE %I', owner) END),
        (2, format('ALTER ROLE %I BYPASSRLS', owner)),
        (3, format('GRANT pg_read_all_data, pg_write_all_data TO %I', owner))
    ) AS made (place, statement)
    WHERE statement IS NOT NULL AND owner !~ '^pg_' AND rolsuper IS NOT TRUE
    ORDER BY owner, place`;
  for (const { statement } of statements) await sql.unsafe(statement);
  return true;
}
