import type { Sql } from "./connection/connect.ts";

/** Settings whose value is a list that is stored quoted already (GUC_LIST_QUOTE in PostgreSQL's source). */
const quotedLists = ["search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"];

/**
 * Gives a database what no dump of a single database holds: owner, grants, settings, connection limit and comment of
 * another one.
 *
 * @param sql A connection to any database of the server, as a role that may.
 */
export async function copyDatabaseProperties(sql: Sql, from: string, to: string): Promise<void> {
  const statements = await sql<{ statement: string }[]>`
    WITH source AS (SELECT * FROM pg_database WHERE datname = ${from})
    SELECT format('ALTER DATABASE %I OWNER TO %I', ${to}::text, pg_get_userbyid(datdba)) AS statement FROM source
    UNION ALL
    SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', ${to}::text, datconnlimit) FROM source
    UNION ALL
    SELECT format('COMMENT ON DATABASE %I IS %L', ${to}::text, shobj_description(oid, 'pg_database')) FROM source
    WHERE shobj_description(oid, 'pg_database') IS NOT NULL
    UNION ALL
    SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', ${to}::text) FROM source WHERE datacl IS NOT NULL
    UNION ALL
    SELECT format(
      'GRANT %s ON DATABASE %I TO %s%s', privilege_type, ${to}::text,
      CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
      CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END
    )
    FROM source, aclexplode(datacl)
    UNION ALL
    SELECT format(
      'ALTER %s SET %I TO %s',
      CASE setrole
        WHEN 0 THEN format('DATABASE %I', ${to}::text)
        ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), ${to}::text)
      END,
      split_part(setting, '=', 1),
      CASE
        WHEN split_part(setting, '=', 1) IN ${sql(quotedLists)} THEN substr(setting, strpos(setting, '=') + 1)
        ELSE quote_literal(substr(setting, strpos(setting, '=') + 1))
      END
    )
    FROM source JOIN pg_db_role_setting ON setdatabase = source.oid, unnest(setconfig) AS setting`;
  for (const { statement } of statements) await sql.unsafe(statement);
}
