-- Text search parsers, templates, dictionaries, and configurations with their mappings.
SELECT
  'text_search_parser' AS kind,
  format('%I.%I', s.nspname, p.prsname) AS identity,
  concat_ws(
    E'\n',
    'START ' || p.prsstart::oid::regprocedure::text,
    'GETTOKEN ' || p.prstoken::oid::regprocedure::text,
    'END ' || p.prsend::oid::regprocedure::text,
    'HEADLINE ' || nullif(p.prsheadline, 0)::oid::regprocedure::text,
    'LEXTYPES ' || p.prslextype::oid::regprocedure::text
  ) AS definition,
  NULL AS owner
FROM pg_ts_parser AS p
JOIN user_schema AS s ON s.oid = p.prsnamespace
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_ts_parser'::regclass AND e.objid = p.oid)
UNION ALL
SELECT
  'text_search_template',
  format('%I.%I', s.nspname, t.tmplname),
  concat_ws(
    E'\n',
    'INIT ' || nullif(t.tmplinit, 0)::oid::regprocedure::text,
    'LEXIZE ' || t.tmpllexize::oid::regprocedure::text
  ),
  NULL
FROM pg_ts_template AS t
JOIN user_schema AS s ON s.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_ts_template'::regclass AND e.objid = t.oid)
UNION ALL
SELECT
  'text_search_dictionary',
  format('%I.%I', s.nspname, d.dictname),
  concat_ws(E'\n', format('TEMPLATE %I.%I', n.nspname, t.tmplname), d.dictinitoption),
  pg_get_userbyid(d.dictowner)
FROM pg_ts_dict AS d
JOIN user_schema AS s ON s.oid = d.dictnamespace
JOIN pg_ts_template AS t ON t.oid = d.dicttemplate
JOIN pg_namespace AS n ON n.oid = t.tmplnamespace
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_ts_dict'::regclass AND e.objid = d.oid)
UNION ALL
SELECT
  'text_search_configuration',
  format('%I.%I', s.nspname, c.cfgname),
  concat_ws(
    E'\n',
    format('PARSER %I.%I', n.nspname, p.prsname),
    (
      SELECT string_agg(format('MAPPING FOR %I WITH %s', alias, dictionaries), E'\n' ORDER BY alias COLLATE "C")
      FROM (
        SELECT token.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
        FROM pg_ts_config_map AS m
        JOIN ts_token_type(p.oid) AS token ON token.tokid = m.maptokentype
        WHERE m.mapcfg = c.oid
        GROUP BY token.alias
      ) AS mapping
    )
  ),
  pg_get_userbyid(c.cfgowner)
FROM pg_ts_config AS c
JOIN user_schema AS s ON s.oid = c.cfgnamespace
JOIN pg_ts_parser AS p ON p.oid = c.cfgparser
JOIN pg_namespace AS n ON n.oid = p.prsnamespace
WHERE NOT EXISTS (SELECT FROM extension_member AS e WHERE e.classid = 'pg_ts_config'::regclass AND e.objid = c.oid)
