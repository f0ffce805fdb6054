-- Constraints of tables; a domain's are in its own definition.
SELECT
  'constraint' AS kind,
  format('%I on %s', k.conname, c.identity) AS identity,
  pg_get_constraintdef(k.oid) || concat(
    -- Its index's, which the server prints for exclusion constraints only.
    CASE WHEN k.contype <> 'x' THEN E'\nWITH ' || array_to_string(o.known, E'\nWITH ') END,
    E'\nATTACHED TO ' || parent.inhparent::regclass::text,
    CASE WHEN NOT i.indisvalid THEN E'\nINDEX INVALID' END
  ) AS definition,
  to_json(o.unknown) AS unknown_options,
  to_json(o.unprinted) AS unprinted_options
FROM pg_constraint AS k
JOIN user_relation AS c ON c.oid = k.conrelid
LEFT JOIN pg_index AS i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_inherits AS parent ON parent.inhrelid = i.indexrelid
LEFT JOIN index_option AS o ON o.oid = i.indexrelid
WHERE CASE k.contype
  -- The parent's constraint says it all, and Postgres chooses the names of these.
  WHEN 'f' THEN k.conparentid = 0
  WHEN 'c' THEN k.conislocal
  -- Since PostgreSQL 18 NOT NULL is a constraint too, but the column says it already.
  WHEN 'n' THEN k.connoinherit OR NOT k.convalidated
  WHEN 't' THEN false -- a constraint trigger
  ELSE true
END
