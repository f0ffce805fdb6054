-- What versions of PostgreSQL print each in its own way.
CREATE SCHEMA printed;
SET search_path = printed;
CREATE TABLE papers (id int, body xml, json jsonb, name text COLLATE "C");
CREATE VIEW serialized AS SELECT xmlserialize(CONTENT body AS text) AS text FROM papers;
CREATE VIEW tabled AS
SELECT papers.id, x.* FROM papers,
  XMLTABLE('/a/b' PASSING papers.body COLUMNS n int PATH '@n' DEFAULT -1::int, t text PATH 'text()' NOT NULL) AS x
WHERE x.n > -1::int;
CREATE VIEW unqualified AS SELECT id, json -> 'a' AS a, (SELECT max(id) FROM papers AS p WHERE p.name = papers.name)
FROM papers WHERE papers.id > -1::int ORDER BY papers.name, papers.id DESC;
CREATE VIEW renamed AS SELECT id AS name, name AS id FROM papers ORDER BY papers.id, papers.name;
CREATE VIEW quoted AS SELECT p.json FROM papers AS p JOIN papers AS q ON q.json = p.json;
CREATE VIEW extracted AS SELECT extract(year FROM now()) AS year, current_date - interval '1 day' AS yesterday;
CREATE VIEW counted AS SELECT name, count(*) OVER w, rank() OVER (w ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
FROM papers WINDOW w AS (PARTITION BY name ORDER BY id);
CREATE VIEW sets AS SELECT id FROM papers GROUP BY GROUPING SETS ((id), ()) HAVING count(*) > -1::int;
CREATE TABLE checked (a int CHECK (a > -1::int), b text CHECK (b IN ('x', 'y')) DEFAULT (-1)::text,
  c timestamptz DEFAULT ('2020-01-01' AT TIME ZONE 'UTC'));
CREATE VIEW joined AS SELECT * FROM papers JOIN (SELECT id, 'x' AS x FROM papers UNION SELECT -1, NULL) AS u USING (id);
RESET search_path;
DO $$
BEGIN
  CREATE COLLATION printed.old_spelling (PROVIDER = icu, LOCALE = 'de_AT@collation=phonebook');
  CREATE COLLATION printed.plain_spelling (PROVIDER = icu, LOCALE = 'en_US');
EXCEPTION WHEN feature_not_supported THEN -- a server built without ICU
END $$;
