-- Operators, operator classes and operator families.
WITH item AS (
  SELECT
    -- The class that an operator or function belongs to, or its family where it is loose in it: as pg_dump has it.
    d.refclassid,
    d.refobjid,
    format(
      'OPERATOR %s %s%s', o.amopstrategy, o.amopopr::regoperator,
      CASE WHEN o.amopsortfamily <> 0 THEN format(' FOR ORDER BY %I.%I', n.nspname, f.opfname) END
    ) AS line
  FROM pg_amop AS o
  JOIN pg_depend AS d ON d.classid = 'pg_amop'::regclass AND d.objid = o.oid
  LEFT JOIN pg_opfamily AS f ON f.oid = o.amopsortfamily
  LEFT JOIN pg_namespace AS n ON n.oid = f.opfnamespace
  UNION ALL
  SELECT
    d.refclassid,
    d.refobjid,
    format(
      'FUNCTION %s (%s, %s) %s', p.amprocnum,
      format_type(p.amproclefttype, NULL), format_type(p.amprocrighttype, NULL), p.amproc::oid::regprocedure
    )
  FROM pg_amproc AS p
  JOIN pg_depend AS d ON d.classid = 'pg_amproc'::regclass AND d.objid = p.oid
),
items AS (
  SELECT refclassid, refobjid, string_agg(line, E'\n' ORDER BY line COLLATE "C") AS lines
  FROM item
  WHERE refclassid IN ('pg_opclass'::regclass, 'pg_opfamily'::regclass)
  GROUP BY refclassid, refobjid
)
SELECT
  'operator' AS kind,
  format(
    '%I.%s(%s, %s)', s.nspname, o.oprname,
    CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END, format_type(o.oprright, NULL)
  ) AS identity,
  concat_ws(
    E'\n',
    'FUNCTION ' || o.oprcode::oid::regprocedure::text,
    'RETURNS ' || format_type(o.oprresult, NULL),
    'COMMUTATOR ' || nullif(o.oprcom, 0)::regoperator::text,
    'NEGATOR ' || nullif(o.oprnegate, 0)::regoperator::text,
    'RESTRICT ' || nullif(o.oprrest, 0)::oid::regprocedure::text,
    'JOIN ' || nullif(o.oprjoin, 0)::oid::regprocedure::text,
    CASE WHEN o.oprcanmerge THEN 'MERGES' END,
    CASE WHEN o.oprcanhash THEN 'HASHES' END
  ) AS definition,
  pg_get_userbyid(o.oprowner) AS owner
FROM pg_operator AS o
JOIN user_schema AS s ON s.oid = o.oprnamespace
-- One that was only mentioned, as a commutator, has no function, and pg_dump leaves it out.
WHERE o.oprcode <> 0
  AND NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_operator'::regclass AND e.objid = o.oid)
UNION ALL
SELECT
  'operator_class',
  format('%I.%I USING %I', s.nspname, o.opcname, m.amname),
  concat_ws(
    E'\n',
    'FOR TYPE ' || format_type(o.opcintype, NULL),
    CASE WHEN o.opcdefault THEN 'DEFAULT' END,
    format('FAMILY %I.%I', n.nspname, f.opfname),
    'STORAGE ' || format_type(nullif(o.opckeytype, 0), NULL),
    items.lines
  ),
  pg_get_userbyid(o.opcowner)
FROM pg_opclass AS o
JOIN user_schema AS s ON s.oid = o.opcnamespace
JOIN pg_am AS m ON m.oid = o.opcmethod
JOIN pg_opfamily AS f ON f.oid = o.opcfamily
JOIN pg_namespace AS n ON n.oid = f.opfnamespace
LEFT JOIN items ON items.refclassid = 'pg_opclass'::regclass AND items.refobjid = o.oid
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_opclass'::regclass AND e.objid = o.oid)
UNION ALL
SELECT
  'operator_family',
  format('%I.%I USING %I', s.nspname, f.opfname, m.amname),
  concat_ws(E'\n', 'FAMILY', items.lines),
  pg_get_userbyid(f.opfowner)
FROM pg_opfamily AS f
JOIN user_schema AS s ON s.oid = f.opfnamespace
JOIN pg_am AS m ON m.oid = f.opfmethod
LEFT JOIN items ON items.refclassid = 'pg_opfamily'::regclass AND items.refobjid = f.oid
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_opfamily'::regclass AND e.objid = f.oid)
