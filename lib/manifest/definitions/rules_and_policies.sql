-- Rules other than the one that makes a view a view, and row security policies.
SELECT
  'rule' AS kind,
  format('%I on %s', r.rulename, c.identity) AS identity,
  pg_get_ruledef(r.oid) || CASE r.ev_enabled
    WHEN 'D' THEN E'\nDISABLED' WHEN 'R' THEN E'\nENABLED ON REPLICA' WHEN 'A' THEN E'\nENABLED ALWAYS' ELSE ''
  END AS definition
FROM pg_rewrite AS r
JOIN user_relation AS c ON c.oid = r.ev_class
WHERE r.rulename <> '_RETURN' OR c.relkind NOT IN ('v', 'm')
UNION ALL
SELECT
  'policy',
  format('%I on %s', p.polname, c.identity),
  concat_ws(
    E'\n',
    CASE WHEN p.polpermissive THEN 'AS PERMISSIVE' ELSE 'AS RESTRICTIVE' END,
    'FOR ' || CASE p.polcmd
      WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL'
    END,
    'TO ' || (
      SELECT string_agg(role, ', ' ORDER BY role COLLATE "C")
      FROM unnest(p.polroles) AS member,
        LATERAL (SELECT CASE member WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(member)) END) AS named (role)
    ),
    'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',
    'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'
  )
FROM pg_policy AS p
JOIN user_relation AS c ON c.oid = p.polrelid
