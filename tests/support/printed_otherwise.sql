-- One of each kind whose text the server prints, with what it prints otherwise once it has read it again.
CREATE SCHEMA IF NOT EXISTS public;
SET search_path = public;
CREATE TABLE t (id int DEFAULT -1::int, v varchar(5), "user" int, g int GENERATED ALWAYS AS (abs(-5::int)) STORED,
  k int DEFAULT CASE -1::int WHEN 2 THEN -3::int END NOT NULL, CHECK (id > -1::int));
CREATE TABLE "user" (id int, CONSTRAINT "odd on name" CHECK (id > -1::int));
CREATE INDEX positive ON t ((id + -2::int) DESC, lower(v)) WHERE id > -1::int;
ALTER TABLE t ADD CONSTRAINT apart EXCLUDE USING btree ((id + -1::int) WITH =) WHERE (id > -7::int);
CREATE VIEW constants AS SELECT * FROM (SELECT id FROM t UNION ALL SELECT -1) q WHERE EXISTS (SELECT 'x' FROM t);
CREATE MATERIALIZED VIEW stored AS SELECT ARRAY(SELECT 'x') AS a;
CREATE POLICY mine ON t USING (EXISTS (SELECT 'x' FROM t AS o WHERE o.id = t.id)) WITH CHECK (id > -1::int);
CREATE STATISTICS counted ON (id + -1::int), lower(v) FROM t;
CREATE TABLE part (id int) PARTITION BY RANGE ((id + -1::int));
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (-1::int) TO (5);
CREATE DOMAIN positive_int AS int DEFAULT -1::int CHECK (value > -2::int);
CREATE FUNCTION plain(a int DEFAULT -1::int) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END';
CREATE FUNCTION body(a int) RETURNS SETOF record LANGUAGE sql BEGIN ATOMIC
  SELECT t.id, 'x' FROM t WHERE t.id = body.a UNION ALL SELECT -1::int, NULL;
END;
CREATE FUNCTION one(a int) RETURNS int LANGUAGE sql RETURN a + -1::int;
CREATE PROCEDURE change(a int DEFAULT -1::int) LANGUAGE sql BEGIN ATOMIC
  DELETE FROM t WHERE EXISTS (SELECT 'x') AND id = -1::int;
END;
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER touch BEFORE UPDATE OF v ON t FOR EACH ROW WHEN (new.id > -1::int AND old.v IS DISTINCT FROM new.v)
  EXECUTE FUNCTION touched();
CREATE RULE instead AS ON INSERT TO constants WHERE new.id > -1::int
  DO INSTEAD (INSERT INTO t (id) VALUES (new.id + -1::int); DELETE FROM t WHERE EXISTS (SELECT 'x'));
CREATE PUBLICATION sent FOR TABLE t WHERE (id > -1::int), "user" WHERE (id > -3::int);
RESET search_path;
