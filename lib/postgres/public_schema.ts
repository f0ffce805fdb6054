import type { Sql } from "./connection/connect.ts";

/** What is lost when the schema `public` is dropped, besides what it holds. */
interface PublicSchema {
  /** The statements that make it again: CREATE SCHEMA, COMMENT, a GRANT for everybody who had one. */
  statements: string[];
}

/** Reads the owner, the comment and the grants of the schema `public`. */
export async function readPublicSchema(sql: Sql): Promise<PublicSchema | undefined> {
  const [schema] = await sql<PublicSchema[]>`
    SELECT pg_catalog.to_jsonb(pg_catalog.array_remove(
      ARRAY[
        pg_catalog.format('CREATE SCHEMA public AUTHORIZATION %I', pg_catalog.pg_get_userbyid(nspowner)),
        'COMMENT ON SCHEMA public IS ' || pg_catalog.quote_literal(
          pg_catalog.obj_description(namespace.oid, 'pg_namespace')
        )
      ] || ARRAY(
        SELECT pg_catalog.format(
          'GRANT %s ON SCHEMA public TO %s%s',
          privilege_type,
          CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END,
          CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END
        )
        FROM pg_catalog.aclexplode(nspacl)
        WHERE grantee <> nspowner
      ),
      NULL
    )) AS statements
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
export async function makePublicSchema(sql: Sql, { statements }: PublicSchema): Promise<void> {
  for (const statement of statements) await sql.unsafe(statement);
}
