/**
 * Relations whose indexes, extended statistics or partition keys call functions that neither a superuser nor this role nor
 * an extension made. The planner computes what is constant in these, whatever the query, as whoever asks.
 */
export const unsafeToPlan = `
  SELECT coalesce(i.indrelid, s.stxrelid, d.objid) AS oid
  FROM pg_catalog.pg_depend AS d
  LEFT JOIN pg_catalog.pg_operator AS o
    ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid
  JOIN pg_catalog.pg_proc AS p ON p.oid = coalesce(o.oprcode::pg_catalog.oid, d.refobjid) AND p.oid >= 16384
  JOIN pg_catalog.pg_roles AS r ON r.oid = p.proowner AND NOT r.rolsuper AND r.rolname <> current_user
  LEFT JOIN pg_catalog.pg_index AS i
    ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND i.indexrelid = d.objid
  LEFT JOIN pg_catalog.pg_statistic_ext AS s
    ON d.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND s.oid = d.objid
  WHERE d.classid IN (
      'pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass
    )
    AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
    AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS e
      WHERE e.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND e.objid = p.oid AND e.deptype = 'e'
    )`;
