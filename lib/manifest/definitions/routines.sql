-- Functions, procedures and aggregates. Named by input types alone: that is what makes a routine unique.
SELECT
  CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END AS kind,
  format('%I.%I(%s)', s.nspname, p.proname, oidvectortypes(p.proargtypes)) AS identity,
  CASE
    WHEN p.prokind <> 'a' THEN rtrim(pg_get_functiondef(p.oid), E'\n')
    ELSE concat_ws(
      E'\n',
      format('ARGUMENTS (%s)', pg_get_function_arguments(p.oid)),
      'RETURNS ' || pg_get_function_result(p.oid),
      CASE a.aggkind WHEN 'o' THEN 'ORDERED SET' WHEN 'h' THEN 'HYPOTHETICAL' END,
      'SFUNC ' || a.aggtransfn::oid::regprocedure::text,
      'STYPE ' || format_type(a.aggtranstype, NULL),
      'SSPACE ' || nullif(a.aggtransspace, 0),
      'FINALFUNC ' || nullif(a.aggfinalfn, 0)::oid::regprocedure::text,
      CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
      'FINALFUNC_MODIFY ' || a.aggfinalmodify::text,
      'COMBINEFUNC ' || nullif(a.aggcombinefn, 0)::oid::regprocedure::text,
      'SERIALFUNC ' || nullif(a.aggserialfn, 0)::oid::regprocedure::text,
      'DESERIALFUNC ' || nullif(a.aggdeserialfn, 0)::oid::regprocedure::text,
      'INITCOND ' || quote_literal(a.agginitval),
      'MSFUNC ' || nullif(a.aggmtransfn, 0)::oid::regprocedure::text,
      'MINVFUNC ' || nullif(a.aggminvtransfn, 0)::oid::regprocedure::text,
      'MSTYPE ' || format_type(nullif(a.aggmtranstype, 0), NULL),
      'MSSPACE ' || nullif(a.aggmtransspace, 0),
      'MFINALFUNC ' || nullif(a.aggmfinalfn, 0)::oid::regprocedure::text,
      CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
      CASE WHEN a.aggmtransfn <> 0 THEN 'MFINALFUNC_MODIFY ' || a.aggmfinalmodify::text END,
      'MINITCOND ' || quote_literal(a.aggminitval),
      'SORTOP ' || nullif(a.aggsortop, 0)::regoperator::text,
      'PARALLEL ' || p.proparallel::text
    )
  END AS definition,
  pg_get_userbyid(p.proowner) AS owner,
  array_to_json(p.proacl::text[]) AS acl,
  array_to_json(CASE WHEN p.proacl IS NOT NULL THEN acldefault('f', p.proowner)::text[] END) AS default_acl
FROM pg_proc AS p
JOIN user_schema AS s ON s.oid = p.pronamespace
LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
WHERE NOT EXISTS (
  SELECT FROM extension_member AS e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid
)
-- A range type makes its constructors.
AND NOT EXISTS (
  SELECT
  FROM pg_depend AS d
  WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i' AND d.refclassid = 'pg_type'::regclass
)
