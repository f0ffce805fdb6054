-- Comments and security labels on objects of this database, whichever kind they are.
WITH remark AS (
  SELECT 'comment' AS kind, classoid, objoid, objsubid, NULL AS provider, description AS text FROM pg_description
  UNION ALL
  SELECT 'security_label', classoid, objoid, objsubid, provider, label FROM pg_seclabel
),
-- An extension owns whatever it makes, so of a trigger, for example, the table counts that it is on.
placed AS (
  SELECT
    r.*,
    CASE
      WHEN k.conrelid > 0 OR t.oid > 0 OR w.oid > 0 OR p.oid > 0 OR i.indexrelid > 0 THEN 'pg_class'::regclass
      WHEN k.contypid > 0 THEN 'pg_type'::regclass
      ELSE r.classoid::regclass
    END AS holder_class,
    coalesce(nullif(k.conrelid, 0), nullif(k.contypid, 0), t.tgrelid, w.ev_class, p.polrelid, i.indrelid, r.objoid)
      AS holder
  FROM remark AS r
  LEFT JOIN pg_constraint AS k ON r.classoid = 'pg_constraint'::regclass AND k.oid = r.objoid
  LEFT JOIN pg_trigger AS t ON r.classoid = 'pg_trigger'::regclass AND t.oid = r.objoid
  LEFT JOIN pg_rewrite AS w ON r.classoid = 'pg_rewrite'::regclass AND w.oid = r.objoid
  LEFT JOIN pg_policy AS p ON r.classoid = 'pg_policy'::regclass AND p.oid = r.objoid
  LEFT JOIN pg_index AS i ON r.classoid = 'pg_class'::regclass AND i.indexrelid = r.objoid
  -- initdb's own objects have low OIDs; the schema public is one of them, and others' comments are not dumped.
  -- Postgres forgets to remove the comment of a subscription that is dropped.
  WHERE NOT (
      r.classoid = 'pg_subscription'::regclass AND NOT EXISTS (SELECT FROM pg_subscription AS s WHERE s.oid = r.objoid)
    )
    AND (r.objoid >= 16384 OR r.classoid IN ('pg_namespace'::regclass, 'pg_largeobject'::regclass))
    -- The clones that partitions have of their parent's triggers and constraints do not keep their own comments.
    AND coalesce(t.tgparentid, 0) = 0
    AND NOT coalesce(k.contype = 'f' AND k.conparentid <> 0, false)
    AND NOT coalesce(k.contype = 'c' AND k.conrelid <> 0 AND NOT k.conislocal, false)
)
SELECT
  r.kind,
  concat_ws(
    ' ',
    r.provider, o.type,
    -- PostgreSQL 17 changed these words.
    CASE WHEN o.type = 'transform' THEN replace(o.identity, ' on language ', ' language ') ELSE o.identity END
  ) AS identity,
  r.text AS definition
FROM placed AS r
CROSS JOIN LATERAL pg_identify_object(r.classoid, r.objoid, r.objsubid) AS o
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = r.holder_class AND e.objid = r.holder)
  AND NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = r.classoid AND e.objid = r.objoid)
  AND coalesce(o.schema, '') !~ '^"?pg_'
  AND coalesce(o.schema, '') <> 'information_schema'
  -- Every new database has comments on its own schemas, and this one.
  AND NOT (r.classoid = 'pg_namespace'::regclass AND o.identity ~ '^"?pg_|^information_schema$')
  AND NOT (r.classoid = 'pg_namespace'::regclass AND o.identity = 'public' AND r.text = 'standard public schema')
