import type { Sql } from "./connect.ts";

/** What is lost when the schema `public` is dropped, besides what it holds. */
export interface PublicSchema {
  owner: string;
  comment: string | null;
  /** GRANT statements that give everybody what they had. */
  grants: string[];
}

/** Reads the owner, the comment and the grants of the schema `public`. */
export async function readPublicSchema(sql: Sql): Promise<PublicSchema | undefined> {
  const [schema] = await sql<PublicSchema[]>`
    SELECT
      pg_catalog.pg_get_userbyid(nspowner) AS owner,
      pg_catalog.obj_description(namespace.oid, 'pg_namespace') AS comment,
      pg_catalog.to_jsonb(ARRAY(
        SELECT pg_catalog.format(
          'GRANT %s ON SCHEMA public TO %s%s',
          privilege_type,
          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END,
          CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_catalog.aclexplode(nspacl)
        WHERE grantee <> nspowner
      )) AS grants
    FROM pg_catalog.pg_namespace AS namespace
    WHERE nspname = 'public'`;
  return schema;
}

/** Drops the schema `public` with everything in it. Returns how many tables it still holds: 0, or it did not work. */
export async function wipePublicSchema(sql: Sql): Promise<number> {
  await sql`DROP SCHEMA IF EXISTS public CASCADE`;
  const [{ tables }] = await sql<{ tables: number }[]>`
    SELECT count(*)::integer AS tables FROM pg_catalog.pg_tables WHERE schemaname = 'public'`;
  return tables;
}

/** Makes the schema `public` again, as it was. */
export async function makePublicSchema(sql: Sql, { owner, comment, grants }: PublicSchema): Promise<void> {
  await sql`CREATE SCHEMA public AUTHORIZATION ${sql(owner)}`;
  if (comment !== null) await sql.unsafe(`COMMENT ON SCHEMA public IS ${quoteLiteral(comment)}`);
  for (const grant of grants) await sql.unsafe(grant);
}

function quoteLiteral(text: string): string {
  return `E'${text.replace(/[\\']/g, "\\$&")}'`;
}
