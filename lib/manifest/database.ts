import type { Sql } from "../postgres/connection/connect.ts";
import type { Manifest } from "./manifest.ts";
import { readExactly } from "./rows/row_digest_session.ts";

/**
 * Describes the database and its server, and names the roles that its definitions name.
 *
 * @param sql A connection inside a transaction.
 */
export async function describeDatabase(sql: Sql): Promise<Pick<Manifest, "postgres" | "database" | "roles">> {
  const [{ postgres, database, roles }] = await readExactly<Pick<Manifest, "postgres" | "database" | "roles">>(
    sql,
    `
    SELECT
      json_build_object(
        'server', split_part(current_setting('server_version'), ' ', 1),
        'server_version_num', current_setting('server_version_num')::int4,
        'system_identifier', (SELECT system_identifier::text FROM pg_control_system()),
        -- Absent for a role that may not read it. No setting that may hold a secret or a path: no text, but for names of
        -- databases.
        'preload', (
          SELECT json_build_object(
            'libraries', to_json(regexp_split_to_array(replace(setting, '"', ''), '\\s*,\\s*')),
            'settings', (
              SELECT coalesce(json_agg(json_build_object('name', name, 'value', setting) ORDER BY name), '[]')
              FROM pg_settings
              WHERE category = 'Customized Options'
                AND source IN ('configuration file', 'command line', 'environment variable')
                AND (vartype IN ('bool', 'integer', 'real', 'enum') OR name ~ '\\.database_name$')
            )
          )
          FROM pg_settings WHERE name = 'shared_preload_libraries' AND setting <> ''
        )
      ) AS postgres,
      json_build_object(
        'name', d.datname,
        'encoding', pg_encoding_to_char(d.encoding),
        'collation', d.datcollate,
        'ctype', d.datctype,
        -- Columns that came with PostgreSQL 15 and were renamed in 17.
        'locale_provider', CASE to_jsonb(d) ->> 'datlocprovider'
          WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
        'locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale'),
        'collation_version', to_jsonb(d) ->> 'datcollversion',
        'size_bytes', CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid) ELSE 0 END
      ) AS database,
      to_json(ARRAY(
        SELECT rolname::text FROM pg_roles AS r
        WHERE EXISTS (
          SELECT FROM pg_shdepend AS s
          WHERE s.dbid = d.oid AND s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype = 'r'
        ) OR EXISTS (SELECT FROM pg_user_mappings AS m WHERE m.umuser = r.oid)
        ORDER BY rolname
      )) AS roles
    FROM pg_database AS d
    WHERE d.datname = current_database()`,
  );
  return { postgres, database, roles };
}
