-- Composite types, domains, enums, ranges with their multiranges, base types and types that are only declared.
-- Arrays, multiranges and the row types of tables come with what they belong to.
WITH user_type AS (
  SELECT t.*, format('%I.%I', s.nspname, t.typname) AS identity
  FROM pg_type AS t
  JOIN user_schema AS s ON s.oid = t.typnamespace
  WHERE t.typtype <> 'm'
    AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
    AND NOT EXISTS (SELECT FROM pg_type AS element WHERE element.typarray = t.oid)
    AND NOT EXISTS (
      SELECT FROM extension_member AS e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
    )
)
SELECT
  CASE t.typtype
    WHEN 'c' THEN 'composite_type' WHEN 'd' THEN 'domain' WHEN 'e' THEN 'enum' WHEN 'r' THEN 'range' ELSE 'base_type'
  END AS kind,
  t.identity,
  CASE t.typtype
    WHEN 'c' THEN coalesce(
      (
        SELECT string_agg(
          concat_ws(
            ' ',
            quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attcollation <> at.typcollation THEN 'COLLATE ' || a.attcollation::regcollation::text END
          ),
          E'\n' ORDER BY a.attnum
        )
        FROM pg_attribute AS a
        JOIN pg_type AS at ON at.oid = a.atttypid
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
      ),
      'NO ATTRIBUTE'
    )
    WHEN 'd' THEN concat_ws(
      E'\n',
      'AS ' || format_type(t.typbasetype, t.typtypmod),
      CASE WHEN t.typcollation <> base.typcollation THEN 'COLLATE ' || t.typcollation::regcollation::text END,
      'DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
      CASE WHEN t.typnotnull THEN 'NOT NULL' END,
      (
        -- Since PostgreSQL 17 NOT NULL is a constraint too.
        SELECT string_agg(format('CONSTRAINT %I %s', conname, pg_get_constraintdef(oid)), E'\n' ORDER BY conname)
        FROM pg_constraint
        WHERE contypid = t.oid AND contype <> 'n'
      )
    )
    WHEN 'e' THEN coalesce(
      (SELECT string_agg(quote_literal(enumlabel), E'\n' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
      'NO LABEL'
    )
    WHEN 'r' THEN concat_ws(
      E'\n',
      'SUBTYPE ' || format_type(r.rngsubtype, NULL),
      'SUBTYPE_OPCLASS ' || (
        SELECT format('%I.%I', n.nspname, o.opcname)
        FROM pg_opclass AS o
        JOIN pg_namespace AS n ON n.oid = o.opcnamespace
        WHERE o.oid = r.rngsubopc
      ),
      'COLLATION ' || nullif(r.rngcollation, 0)::regcollation::text,
      'CANONICAL ' || nullif(r.rngcanonical, 0)::oid::regprocedure::text,
      'SUBTYPE_DIFF ' || nullif(r.rngsubdiff, 0)::oid::regprocedure::text,
      'MULTIRANGE_TYPE ' || format_type(r.rngmultitypid, NULL)
    )
    WHEN 'p' THEN 'DECLARED ONLY'
    ELSE concat_ws(
      E'\n',
      'INPUT ' || t.typinput::oid::regprocedure::text,
      'OUTPUT ' || t.typoutput::oid::regprocedure::text,
      'RECEIVE ' || nullif(t.typreceive, 0)::oid::regprocedure::text,
      'SEND ' || nullif(t.typsend, 0)::oid::regprocedure::text,
      'TYPMOD_IN ' || nullif(t.typmodin, 0)::oid::regprocedure::text,
      'TYPMOD_OUT ' || nullif(t.typmodout, 0)::oid::regprocedure::text,
      'ANALYZE ' || nullif(t.typanalyze, 0)::oid::regprocedure::text,
      'SUBSCRIPT ' || nullif(t.typsubscript, 0)::oid::regprocedure::text,
      'INTERNALLENGTH ' || t.typlen,
      CASE WHEN t.typbyval THEN 'PASSEDBYVALUE' END,
      'ALIGNMENT ' || t.typalign::text,
      'STORAGE ' || t.typstorage::text,
      'CATEGORY ' || quote_literal(t.typcategory::text),
      CASE WHEN t.typispreferred THEN 'PREFERRED' END,
      'DEFAULT ' || coalesce(pg_get_expr(t.typdefaultbin, 0), quote_literal(t.typdefault)),
      'ELEMENT ' || format_type(nullif(t.typelem, 0), NULL),
      'DELIMITER ' || quote_literal(t.typdelim::text),
      CASE WHEN t.typcollation <> 0 THEN 'COLLATABLE' END
    )
  END AS definition,
  pg_get_userbyid(t.typowner) AS owner,
  array_to_json(t.typacl::text[]) AS acl,
  array_to_json(CASE WHEN t.typacl IS NOT NULL THEN acldefault('T', t.typowner)::text[] END) AS default_acl
FROM user_type AS t
LEFT JOIN pg_type AS base ON base.oid = t.typbasetype
LEFT JOIN pg_range AS r ON r.rngtypid = t.oid
