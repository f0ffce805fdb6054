-- Publications with their tables, columns, row filters and schemas.
WITH published_table AS (
  SELECT
    r.prpubid AS oid,
    concat_ws(
      ' ',
      'TABLE', r.prrelid::regclass,
      (
        SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attname) || ')'
        FROM pg_attribute AS a
        WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::smallint[])
      ),
      'WHERE ' || pg_get_expr(r.prqual, r.prrelid)
    ) AS line
  -- PostgreSQL 14 has neither prattrs nor prqual; there the names inside mean the columns of the outer table.
  FROM (SELECT NULL::int2vector AS prattrs, NULL::pg_node_tree AS prqual) AS missing_column
  CROSS JOIN LATERAL (SELECT prpubid, prrelid, prattrs, prqual FROM pg_publication_rel) AS r
),
-- PostgreSQL 14 has no pg_publication_namespace; pg_depend tells the same.
published_schema AS (
  SELECT publication.refobjid AS oid, 'TABLES IN SCHEMA ' || schema.refobjid::regnamespace::text AS line
  FROM pg_depend AS publication
  JOIN pg_depend AS schema
    ON schema.classid = publication.classid
    AND schema.objid = publication.objid
    AND schema.refclassid = 'pg_namespace'::regclass
  WHERE publication.classid = to_regclass('pg_publication_namespace')
    AND publication.refclassid = 'pg_publication'::regclass
)
SELECT
  'publication' AS kind,
  quote_ident(p.pubname) AS identity,
  concat_ws(
    E'\n',
    'PUBLISH ' || concat_ws(
      ', ',
      CASE WHEN p.pubinsert THEN 'insert' END,
      CASE WHEN p.pubupdate THEN 'update' END,
      CASE WHEN p.pubdelete THEN 'delete' END,
      CASE WHEN p.pubtruncate THEN 'truncate' END
    ),
    CASE WHEN p.pubviaroot THEN 'PUBLISH_VIA_PARTITION_ROOT' END,
    'PUBLISH_GENERATED_COLUMNS ' || nullif(to_jsonb(p) ->> 'pubgencols', 'n'),
    CASE WHEN p.puballtables THEN 'ALL TABLES' END,
    (
      SELECT string_agg(published.line, E'\n' ORDER BY published.line COLLATE "C")
      FROM (SELECT * FROM published_table UNION ALL SELECT * FROM published_schema) AS published
      WHERE published.oid = p.oid
    )
  ) AS definition,
  pg_get_userbyid(p.pubowner) AS owner
FROM pg_publication AS p
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_publication'::regclass AND e.objid = p.oid)
