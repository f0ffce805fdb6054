import { createHash, randomBytes } from "node:crypto";
import type { Sql } from "../../postgres/connection/connect.ts";
import type { ReadGlobals, RoleSetting } from "../manifest.ts";

/** For the hashes of what may be a secret: new for each backup. */
export function newSalt(): string {
  return randomBytes(16).toString("hex");
}

/**
 * Reads what belongs to the cluster: by `pg_roles`, which everybody may read, and not by `pg_authid`, which managed servers
 * hide from every role. No password is among it.
 *
 * @param sql A neutral session: what it prints depends on its time zone and date style.
 * @param salt For the hashes of settings' values.
 */
export async function readGlobals(sql: Sql, salt: string): Promise<ReadGlobals> {
  const [{ hasParameterGrants }] = await sql<{ hasParameterGrants: boolean }[]>`
    SELECT pg_catalog.to_regclass('pg_catalog.pg_parameter_acl') IS NOT NULL AS "hasParameterGrants"`;
  const parameterGrants = hasParameterGrants
    ? `(SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'parameter', parname, 'acl', ${sorted("coalesce(paracl, pg_catalog.acldefault('p', 10))")}
      ) ORDER BY parname COLLATE "C"), '[]') FROM pg_catalog.pg_parameter_acl)`
    : "'[]'::json";
  const [{ globals }] = await sql.unsafe<{ globals: Omit<ReadGlobals, "salt" | "settings"> & { settings: Raw[] } }[]>(
    query(parameterGrants),
  );
  return { ...globals, salt, settings: globals.settings.map((setting) => hidden(setting, salt)) };
}

type Raw = RoleSetting & { value: string };

/** A setting of the server's own is known to hold no secret; what applications make up may. */
function hidden({ value, ...setting }: Raw, salt: string): RoleSetting {
  if (!setting.name.includes(".")) return { ...setting, value };
  return { ...setting, value_sha256: createHash("sha256").update(`${salt}\0${value}`).digest("hex") };
}

const sorted = (acl: string) =>
  `ARRAY(SELECT item::text FROM pg_catalog.unnest(${acl}) AS item ORDER BY item::text COLLATE "C")`;

// Columns that came with later versions are read from the row as a whole: null where there are none.
const query = (parameterGrants: string) => `
  SELECT pg_catalog.json_build_object(
    'bootstrap', (SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10),
    'roles', (
      SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', rolname, 'superuser', rolsuper, 'inherit', rolinherit, 'createrole', rolcreaterole,
        'createdb', rolcreatedb, 'login', rolcanlogin, 'replication', rolreplication, 'bypassrls', rolbypassrls,
        'connection_limit', rolconnlimit, 'valid_until', rolvaliduntil::text,
        'comment', pg_catalog.shobj_description(oid, 'pg_authid')
      ) ORDER BY rolname COLLATE "C"), '[]')
      FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'
    ),
    'memberships', (
      SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'role', role.rolname, 'member', member.rolname, 'grantor', grantor.rolname, 'admin', admin_option,
        'inherit', pg_catalog.to_jsonb(auth) -> 'inherit_option', 'set', pg_catalog.to_jsonb(auth) -> 'set_option'
      ) ORDER BY role.rolname COLLATE "C", member.rolname COLLATE "C", grantor.rolname COLLATE "C"), '[]')
      FROM pg_catalog.pg_auth_members AS auth
      JOIN pg_catalog.pg_roles AS role ON role.oid = auth.roleid
      JOIN pg_catalog.pg_roles AS member ON member.oid = auth.member
      LEFT JOIN pg_catalog.pg_roles AS grantor ON grantor.oid = auth.grantor
      WHERE NOT (role.rolname ~ '^pg_' AND member.rolname ~ '^pg_')
    ),
    'settings', (
      SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'role', rolname, 'database', datname, 'name', pg_catalog.split_part(setting, '=', 1),
        'value', pg_catalog.substr(setting, pg_catalog.strpos(setting, '=') + 1)
      ) ORDER BY rolname COLLATE "C", datname COLLATE "C", setting COLLATE "C"), '[]')
      FROM pg_catalog.pg_db_role_setting
      LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = setrole
      LEFT JOIN pg_catalog.pg_database AS database ON database.oid = setdatabase,
      pg_catalog.unnest(setconfig) AS setting
      WHERE (setrole = 0 OR rolname IS NOT NULL) AND (setdatabase = 0 OR datname IS NOT NULL)
    ),
    'tablespaces', (
      SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', spcname, 'owner', pg_catalog.pg_get_userbyid(spcowner),
        'location', pg_catalog.pg_tablespace_location(oid), 'options', coalesce(spcoptions, '{}'),
        'acl', ${sorted("coalesce(spcacl, pg_catalog.acldefault('t', spcowner))")},
        'comment', pg_catalog.shobj_description(oid, 'pg_tablespace')
      ) ORDER BY spcname COLLATE "C"), '[]')
      FROM pg_catalog.pg_tablespace WHERE spcname !~ '^pg_'
    ),
    'databases', (
      SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'name', datname, 'owner', pg_catalog.pg_get_userbyid(datdba),
        'encoding', pg_catalog.pg_encoding_to_char(encoding), 'collation', datcollate, 'ctype', datctype,
        'locale_provider', CASE pg_catalog.to_jsonb(database) ->> 'datlocprovider'
          WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
        'locale', coalesce(
          pg_catalog.to_jsonb(database) ->> 'datlocale', pg_catalog.to_jsonb(database) ->> 'daticulocale'
        ),
        'icu_rules', pg_catalog.to_jsonb(database) ->> 'daticurules',
        'is_template', datistemplate, 'allows_connections', datallowconn, 'connection_limit', datconnlimit,
        'tablespace', spcname, 'acl', ${sorted("coalesce(datacl, pg_catalog.acldefault('d', datdba))")},
        'comment', pg_catalog.shobj_description(database.oid, 'pg_database')
      ) ORDER BY datname COLLATE "C"), '[]')
      FROM pg_catalog.pg_database AS database
      JOIN pg_catalog.pg_tablespace AS tablespace ON tablespace.oid = dattablespace
    ),
    'parameter_grants', ${parameterGrants},
    'security_labels', (
      SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
        'kind', kind, 'name', labelled, 'provider', provider, 'label', label
      ) ORDER BY kind COLLATE "C", labelled COLLATE "C", provider COLLATE "C"), '[]')
      FROM (
        SELECT 'role' AS kind, rolname AS labelled, provider, label
        FROM pg_catalog.pg_shseclabel JOIN pg_catalog.pg_roles AS role ON objoid = role.oid
        WHERE classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
        UNION ALL
        SELECT 'database', datname, provider, label
        FROM pg_catalog.pg_shseclabel JOIN pg_catalog.pg_database AS database ON objoid = database.oid
        WHERE classoid = 'pg_catalog.pg_database'::pg_catalog.regclass
        UNION ALL
        SELECT 'tablespace', spcname, provider, label
        FROM pg_catalog.pg_shseclabel JOIN pg_catalog.pg_tablespace AS tablespace ON objoid = tablespace.oid
        WHERE classoid = 'pg_catalog.pg_tablespace'::pg_catalog.regclass
      ) AS labels
    )
  ) AS globals`;
