-- Who may do what, as far as no definition has it: roles, the database, large objects, row security, and changed grants on
-- what came with the server or an extension.
--
-- Ids of large objects are gathered into ranges: a database may have millions of them.
WITH numbered AS (
  SELECT
    lomowner,
    lomacl::text[] AS acl,
    oid,
    oid::int8 - row_number() OVER (PARTITION BY lomowner, lomacl::text[] ORDER BY oid) AS island
  FROM pg_largeobject_metadata
),
id_range AS (
  SELECT lomowner, acl, min(oid::int8) AS first, max(oid::int8) AS last
  FROM numbered
  GROUP BY lomowner, acl, island
),
other_object AS (
  SELECT 'pg_class'::regclass AS classid, c.oid AS objid, 0 AS objsubid, c.relnamespace AS namespace,
    CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized_view'
      WHEN 'f' THEN 'foreign_table' ELSE 'table' END AS kind,
    quote_ident(c.relname) AS name, c.relowner AS owner, c.relacl AS acl,
    CASE WHEN c.relkind = 'S' THEN 's' ELSE 'r' END AS default_for
  FROM pg_class AS c
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND (
    c.relnamespace = 'pg_catalog'::regnamespace
    OR EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid)
  )
  UNION ALL
  SELECT 'pg_class'::regclass, a.attrelid, a.attnum, c.relnamespace, 'column',
    format('%I.%I', c.relname, a.attname), c.relowner, a.attacl, 'c'
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
  WHERE NOT a.attisdropped AND (c.relnamespace = 'pg_catalog'::regnamespace OR a.attacl IS NOT NULL) AND (
    a.attacl IS NOT NULL OR EXISTS (
    SELECT FROM pg_init_privs AS i
    WHERE i.classoid = 'pg_class'::regclass AND i.objoid = a.attrelid AND i.objsubid = a.attnum
  ))
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid, 0, p.pronamespace,
    CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END,
    format('%I(%s)', p.proname, oidvectortypes(p.proargtypes)), p.proowner, p.proacl, 'f'
  FROM pg_proc AS p
  WHERE p.proacl IS NOT NULL OR EXISTS (
    SELECT FROM pg_init_privs AS i WHERE i.classoid = 'pg_proc'::regclass AND i.objoid = p.oid
  )
  UNION ALL
  SELECT 'pg_type'::regclass, t.oid, 0, t.typnamespace, 'base_type', quote_ident(t.typname), t.typowner, t.typacl, 'T'
  FROM pg_type AS t
  WHERE t.typacl IS NOT NULL
  UNION ALL
  SELECT 'pg_namespace'::regclass, n.oid, 0, 0, 'schema', quote_ident(n.nspname), n.nspowner, n.nspacl, 'n'
  FROM pg_namespace AS n
  WHERE n.nspname <> 'public'
  UNION ALL
  SELECT 'pg_language'::regclass, l.oid, 0, 0, 'language', quote_ident(l.lanname), l.lanowner, l.lanacl, 'l'
  FROM pg_language AS l
  UNION ALL
  SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, 0, 'foreign_data_wrapper', quote_ident(w.fdwname), w.fdwowner,
    w.fdwacl, 'F'
  FROM pg_foreign_data_wrapper AS w
  UNION ALL
  SELECT 'pg_foreign_server'::regclass, f.oid, 0, 0, 'foreign_server', quote_ident(f.srvname), f.srvowner, f.srvacl, 'S'
  FROM pg_foreign_server AS f
),
changed AS (
  SELECT
    o.kind,
    CASE WHEN o.namespace = 0 THEN o.name ELSE quote_ident(n.nspname) || '.' || o.name END AS identity,
    x.extname AS extension,
    pg_get_userbyid(o.owner) AS owner,
    coalesce(i.initprivs, CASE WHEN o.default_for <> 'c' THEN acldefault(o.default_for::"char", o.owner) END)::text[]
      AS initial,
    coalesce(o.acl, CASE WHEN o.default_for <> 'c' THEN acldefault(o.default_for::"char", o.owner) END)::text[] AS acl
  FROM other_object AS o
  LEFT JOIN pg_namespace AS n ON n.oid = o.namespace
  LEFT JOIN pg_depend AS d
    ON d.classid = o.classid AND d.objid = o.objid AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
  LEFT JOIN pg_extension AS x ON x.oid = d.refobjid
  LEFT JOIN pg_init_privs AS i ON i.classoid = o.classid AND i.objoid = o.objid AND i.objsubid = o.objsubid
  WHERE o.acl IS DISTINCT FROM i.initprivs
    -- pg_dump writes only those of pg_catalog, of extensions, of initdb's languages, and of system columns, which no
    -- definition has.
    AND (o.objsubid < 0 OR x.oid IS NOT NULL OR n.nspname = 'pg_catalog' OR (
      o.namespace = 0 AND o.objid < 16384 AND (o.kind <> 'schema' OR o.name = 'pg_catalog')
    ))
)
SELECT
  (SELECT rolname FROM pg_roles WHERE oid = 10) AS bootstrap_role,
  (SELECT coalesce(json_agg(c ORDER BY c.kind, c.identity COLLATE "C"), '[]') FROM changed AS c) AS changed,
  (
    SELECT json_build_object(
      'owner', pg_get_userbyid(datdba),
      'acl', coalesce(datacl, acldefault('d', datdba))::text[]
    )
    FROM pg_database WHERE datname = current_database()
  ) AS database,
  (
    SELECT coalesce(json_agg(json_build_object('owner', owner, 'acl', acl, 'ids', ids)), '[]')
    FROM (
      SELECT
        pg_get_userbyid(lomowner) AS owner,
        coalesce(acl, acldefault('L', lomowner)::text[]) AS acl,
        string_agg(
          CASE WHEN first = last THEN first::text ELSE first || '-' || last END, ',' ORDER BY first
        ) AS ids
      FROM id_range
      GROUP BY lomowner, acl
    ) AS one
  ) AS large_objects,
  (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'table', identity,
          'is_forced', relforcerowsecurity,
          'policies', (
            SELECT coalesce(
              json_agg(
                json_build_object(
                  'name', p.polname,
                  'roles', (
                    SELECT json_agg(CASE member WHEN 0 THEN NULL ELSE pg_get_userbyid(member) END)
                    FROM unnest(p.polroles) AS member
                  )
                ) ORDER BY p.polname COLLATE "C"
              ),
              '[]'
            )
            FROM pg_policy AS p WHERE p.polrelid = c.oid
          )
        ) ORDER BY identity COLLATE "C"
      ),
      '[]'
    )
    FROM user_relation AS c WHERE c.relrowsecurity
  ) AS row_security,
  (
    SELECT coalesce(
      json_agg(
        json_build_object(
          'name', r.rolname,
          'is_superuser', r.rolsuper,
          'bypasses_row_security', r.rolbypassrls,
          'inherits', r.rolinherit,
          'member_of', m.member_of
        ) ORDER BY r.rolname COLLATE "C"
      ),
      '[]'
    )
    FROM pg_roles AS r
    LEFT JOIN (
      SELECT
        m.member,
        json_agg(
          json_build_object(
            'role', pg_get_userbyid(m.roleid),
            -- An option of each membership since PostgreSQL 16, of the member before.
            'inherits', coalesce((to_jsonb(m) ->> 'inherit_option')::boolean, member.rolinherit),
            'is_admin', m.admin_option
          ) ORDER BY pg_get_userbyid(m.roleid)::text COLLATE "C"
        ) AS member_of
      FROM pg_auth_members AS m
      JOIN pg_roles AS member ON member.oid = m.member
      GROUP BY m.member
    ) AS m ON m.member = r.oid
    -- Postgres's own roles: their memberships in each other depend on the version.
    WHERE r.rolname !~ '^pg_' OR m.member_of IS NOT NULL
  ) AS roles
