-- Subscriptions of this database; for superusers, as in pg_dump. Never the connection string.
--
-- A restored subscription is disabled, so whether it is enabled is not told.
SELECT
  'subscription' AS kind,
  quote_ident(s.subname) AS identity,
  concat_ws(
    E'\n',
    (SELECT 'PUBLICATION ' || string_agg(quote_ident(p), ', ' ORDER BY p COLLATE "C") FROM unnest(s.subpublications) AS p),
    'SLOT ' || coalesce(quote_ident(s.subslotname), 'NONE'),
    'SYNCHRONOUS COMMIT ' || s.subsynccommit,
    CASE WHEN s.subbinary THEN 'BINARY' END,
    -- A boolean before PostgreSQL 16.
    'STREAMING ' || nullif(left(j.row ->> 'substream', 1), 'f'),
    CASE WHEN j.row ->> 'subtwophasestate' <> 'd' THEN 'TWO PHASE' END,
    CASE WHEN j.row ->> 'subdisableonerr' = 'true' THEN 'DISABLE ON ERROR' END,
    CASE WHEN j.row ->> 'subpasswordrequired' = 'false' THEN 'NO PASSWORD REQUIRED' END,
    CASE WHEN j.row ->> 'subrunasowner' = 'true' THEN 'RUN AS OWNER' END,
    CASE WHEN j.row ->> 'subfailover' = 'true' THEN 'FAILOVER' END,
    'ORIGIN ' || nullif(j.row ->> 'suborigin', 'any')
  ) AS definition,
  pg_get_userbyid(s.subowner) AS owner
FROM pg_subscription AS s
CROSS JOIN LATERAL (SELECT to_jsonb(s)) AS j (row)
WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
