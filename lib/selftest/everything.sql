-- One of everything that a user can make in a database, for PostgreSQL 14 and later.
--
-- Needs a superuser and an empty UTF8 database, but no role, no tablespace and no contrib module, so that its dump
-- restores anywhere. The selftest adds the audit chain, a table of values, and the extensions that the host has.
CREATE SCHEMA shop;
CREATE SCHEMA "odd ""schema"" 😀";
SET search_path = shop, public;
SET client_min_messages = error;

-- Types
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine');
ALTER TYPE mood ADD VALUE 'happy' AFTER 'ok';
CREATE TYPE nothing_enum AS ENUM ();
CREATE TYPE address AS (street text, "zip code" character varying(10) COLLATE "C", coordinates point[]);
CREATE TYPE no_attribute AS ();
CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CONSTRAINT is_positive CHECK (VALUE > 0);
CREATE DOMAIN code AS character varying(8) COLLATE "C"
  CONSTRAINT known CHECK (VALUE IN ('a', 'b', 'c'));
ALTER DOMAIN code ADD CONSTRAINT later CHECK (VALUE <> 'z') NOT VALID;
CREATE DOMAIN positives AS positive[];
CREATE FUNCTION minutes_between(a time, b time) RETURNS double precision
  LANGUAGE sql IMMUTABLE STRICT AS 'SELECT extract(epoch FROM a - b) / 60';
CREATE TYPE opening AS RANGE (subtype = time, subtype_diff = minutes_between, multirange_type_name = openings);
CREATE TYPE words AS RANGE (subtype = text, collation = "C");
CREATE TYPE mile;
CREATE FUNCTION mile_in(cstring) RETURNS mile LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION mile_out(mile) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION mile_send(mile) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'int4send';
CREATE TYPE mile (INPUT = mile_in, OUTPUT = mile_out, SEND = mile_send, LIKE = integer, CATEGORY = 'N', DEFAULT = '7');
CREATE TYPE only_declared;

-- Routines
CREATE FUNCTION add(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT a + b';
CREATE FUNCTION add(a text, VARIADIC b text[]) RETURNS text LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
  COST 5 SET search_path = pg_catalog, shop SET work_mem = '8MB' AS $body$
BEGIN
  -- a 'quoted' word and $$ dollars
  RETURN a || array_to_string(b, E'\n');
END
$body$;
CREATE FUNCTION many(n integer, OUT i integer, OUT t text) RETURNS SETOF record LANGUAGE sql ROWS 10 LEAKPROOF
  BEGIN ATOMIC SELECT g AS i, 'x'::text AS t FROM generate_series(1, n) AS g WHERE g > 0 AND g BETWEEN 1 AND 9; END;
CREATE FUNCTION table_of() RETURNS TABLE (a integer, b mood) LANGUAGE sql AS $$SELECT 1, 'ok'::shop.mood$$;
CREATE PROCEDURE tidy(INOUT n integer, t text DEFAULT 'it''s') LANGUAGE plpgsql AS 'BEGIN n := n + 1; COMMIT; END';
CREATE AGGREGATE total(integer) (
  SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE,
  MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0'
);
CREATE FUNCTION keep_first(a anyelement, b anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE AS 'SELECT coalesce(a, b)';
CREATE AGGREGATE first(anyelement) (SFUNC = keep_first, STYPE = anyelement);
CREATE AGGREGATE middle(double precision ORDER BY anyelement) (
  SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA
);

-- Operators
CREATE FUNCTION mile_cmp(mile, mile) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE FUNCTION mile_lt(mile, mile) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION mile_le(mile, mile) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4le';
CREATE FUNCTION mile_eq(mile, mile) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4eq';
CREATE FUNCTION mile_ge(mile, mile) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4ge';
CREATE FUNCTION mile_gt(mile, mile) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4gt';
CREATE FUNCTION mile_hash(mile) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'hashint4';
CREATE OPERATOR < (LEFTARG = mile, RIGHTARG = mile, FUNCTION = mile_lt, COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR <= (LEFTARG = mile, RIGHTARG = mile, FUNCTION = mile_le, COMMUTATOR = >=, NEGATOR = >);
CREATE OPERATOR = (LEFTARG = mile, RIGHTARG = mile, FUNCTION = mile_eq, COMMUTATOR = =, RESTRICT = eqsel, JOIN = eqjoinsel, MERGES, HASHES);
CREATE OPERATOR >= (LEFTARG = mile, RIGHTARG = mile, FUNCTION = mile_ge, COMMUTATOR = <=, NEGATOR = <);
CREATE OPERATOR > (LEFTARG = mile, RIGHTARG = mile, FUNCTION = mile_gt, COMMUTATOR = <, NEGATOR = <=);
CREATE FUNCTION mile_plus(mile) RETURNS mile LANGUAGE internal IMMUTABLE STRICT AS 'int4up';
CREATE OPERATOR @+ (RIGHTARG = mile, FUNCTION = mile_plus);
CREATE FUNCTION mile_int_lt(mile, integer) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE FUNCTION mile_int_cmp(mile, integer) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE OPERATOR < (LEFTARG = mile, RIGHTARG = integer, FUNCTION = mile_int_lt);
CREATE OPERATOR FAMILY mile_family USING btree;
CREATE OPERATOR CLASS mile_ops DEFAULT FOR TYPE mile USING btree FAMILY mile_family AS
  OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 mile_cmp(mile, mile);
ALTER OPERATOR FAMILY mile_family USING btree ADD OPERATOR 1 < (mile, integer), FUNCTION 1 (mile, integer) mile_int_cmp(mile, integer);
CREATE OPERATOR CLASS mile_hash_ops DEFAULT FOR TYPE mile USING hash AS OPERATOR 1 =, FUNCTION 1 mile_hash(mile);
CREATE OPERATOR FAMILY empty_family USING gin;
CREATE OPERATOR CLASS other_int_ops FOR TYPE integer USING btree FAMILY pg_catalog.integer_ops AS STORAGE integer;

-- Casts, languages, transforms, access methods
CREATE FUNCTION mile_of(integer) RETURNS mile LANGUAGE internal IMMUTABLE STRICT AS 'int4up';
CREATE CAST (integer AS mile) WITH FUNCTION mile_of(integer) AS ASSIGNMENT;
CREATE CAST (mile AS integer) WITHOUT FUNCTION AS IMPLICIT;
CREATE CAST (mile AS text) WITH INOUT;
CREATE CAST (address AS jsonb) WITH INOUT AS ASSIGNMENT;
CREATE FUNCTION plown_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION plown_validator(oid) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE plown HANDLER plown_handler VALIDATOR plown_validator;
CREATE FUNCTION in_own_language() RETURNS integer LANGUAGE plown AS 'BEGIN RETURN 1; END';
CREATE FUNCTION from_sql(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'textlike_support';
CREATE TRANSFORM FOR mile LANGUAGE plpgsql (FROM SQL WITH FUNCTION from_sql(internal));
CREATE FUNCTION transformed(mile) RETURNS mile TRANSFORM FOR TYPE mile LANGUAGE plpgsql AS 'BEGIN RETURN $1; END';
CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD btree_again TYPE INDEX HANDLER bthandler;

-- Collations, conversions, text search
CREATE COLLATION plain (LOCALE = 'C');
DO $$
BEGIN
  CREATE COLLATION german (PROVIDER = icu, LOCALE = 'de-u-co-phonebk', DETERMINISTIC = false);
EXCEPTION WHEN feature_not_supported THEN -- a server built without ICU
  CREATE COLLATION german (LOCALE = 'C');
END
$$;
CREATE CONVERSION own_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE DEFAULT CONVERSION own_default FOR 'KOI8R' TO 'UTF8' FROM koi8r_to_utf8;
CREATE TEXT SEARCH PARSER own_parser (
  START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype
);
CREATE TEXT SEARCH TEMPLATE own_template (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH DICTIONARY own_dictionary (TEMPLATE = own_template, ACCEPT = false);
CREATE TEXT SEARCH CONFIGURATION own_search (PARSER = own_parser);
ALTER TEXT SEARCH CONFIGURATION own_search ADD MAPPING FOR asciiword, word WITH own_dictionary, english_stem;
CREATE TEXT SEARCH CONFIGURATION copied_search (COPY = pg_catalog.german);

-- Sequences
CREATE SEQUENCE invoice_number INCREMENT 5 MINVALUE -10 MAXVALUE 1000 START 20 CACHE 3 CYCLE;
CREATE SEQUENCE free_standing AS smallint;
SELECT setval('invoice_number', 25);
CREATE SEQUENCE tickets;
SELECT setval('tickets', 41);
CREATE SEQUENCE countdown INCREMENT -1;

-- Tables
CREATE TABLE customers (
  id bigint GENERATED ALWAYS AS IDENTITY (START 100) PRIMARY KEY,
  number integer DEFAULT nextval('invoice_number') NOT NULL,
  name character varying(40) COLLATE "C" DEFAULT 'it''s' NOT NULL,
  status character varying(10) DEFAULT 'new' CHECK (status IN ('new', 'old', 'gone')),
  age integer CONSTRAINT sane_age CHECK (age BETWEEN 0 AND 150 AND age <> 13),
  price numeric(10, 2) DEFAULT -1.50,
  doubled numeric GENERATED ALWAYS AS (price * 2) STORED,
  mood mood DEFAULT 'ok',
  home address,
  codes code[],
  miles mile DEFAULT 5,
  open opening,
  born timestamp with time zone DEFAULT '2020-01-01 00:00:00+02',
  period interval DEFAULT '1 day 02:03:04.5',
  bytes bytea DEFAULT '\x00ff',
  real real DEFAULT 0.1,
  "we""ird näme" text,
  dropped integer,
  CONSTRAINT name_and_number UNIQUE (name, number) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE customers DROP COLUMN dropped;
ALTER SEQUENCE invoice_number OWNED BY customers.number;
ALTER TABLE customers ALTER "we""ird näme" SET STORAGE EXTERNAL;
ALTER TABLE customers ALTER bytes SET COMPRESSION pglz;
ALTER TABLE customers ALTER name SET STATISTICS 500;
ALTER TABLE customers ALTER age SET (n_distinct = -0.5, n_distinct_inherited = 10);
ALTER TABLE customers SET (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_vacuum_threshold = 1000);
ALTER TABLE customers ADD CONSTRAINT unproven CHECK (age > 1 OR name = 'x' OR (number = 1 OR number = 2)) NOT VALID;
ALTER TABLE customers ADD CONSTRAINT here_only CHECK (number < 1000000) NO INHERIT;
ALTER TABLE customers ADD CONSTRAINT no_overlap EXCLUDE USING gist (open WITH &&) WHERE (age > 5);
ALTER TABLE customers REPLICA IDENTITY FULL;
CREATE TABLE orders (
  id serial PRIMARY KEY,
  customer bigint REFERENCES customers ON DELETE CASCADE ON UPDATE SET NULL,
  previous integer CONSTRAINT in_chain REFERENCES orders DEFERRABLE,
  placed date DEFAULT CURRENT_DATE,
  total money,
  words tsvector
);
ALTER TABLE orders ADD CONSTRAINT unproven_key FOREIGN KEY (customer) REFERENCES customers MATCH FULL NOT VALID;
CREATE UNLOGGED TABLE scratch (id integer GENERATED BY DEFAULT AS IDENTITY, note text) USING heap_again;
CREATE UNLOGGED TABLE passing (a integer);
CREATE TABLE no_column ();
CREATE TABLE of_type OF address (street NOT NULL DEFAULT 'x', PRIMARY KEY (street));
CREATE TABLE "odd ""schema"" 😀"."select" ("a
b" integer, "$1%s\" text, "from" "char");
CREATE TABLE circle_a (id integer PRIMARY KEY, b integer);
CREATE TABLE circle_b (id integer PRIMARY KEY, a integer REFERENCES circle_a);
ALTER TABLE circle_a ADD FOREIGN KEY (b) REFERENCES circle_b;
CREATE TABLE clustered (a integer NOT NULL, b integer);
CREATE UNIQUE INDEX clustered_a ON clustered (a);
ALTER TABLE clustered CLUSTER ON clustered_a;
ALTER TABLE clustered REPLICA IDENTITY USING INDEX clustered_a;
CREATE TABLE untraced (a integer);
ALTER TABLE untraced REPLICA IDENTITY NOTHING;
CREATE TABLE computed (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED, note text);
CREATE TABLE invoices (
  id integer PRIMARY KEY,
  tenant text NOT NULL,
  amount numeric(10, 2),
  tax numeric(10, 2),
  note text
);
CREATE TABLE measurements (sensor integer, value double precision);
CREATE TABLE old_measurements (LIKE measurements);

-- Inheritance, with another order of columns in the child
CREATE TABLE ancestor (a integer, b text DEFAULT 'b', CONSTRAINT a_positive CHECK (a > 0));
CREATE TABLE other_ancestor (z date);
CREATE TABLE child (own integer, b text DEFAULT 'child', a integer);
ALTER TABLE child ADD CONSTRAINT a_positive CHECK (a > 0), INHERIT ancestor;
CREATE TABLE grandchild (last text) INHERITS (child, other_ancestor);
ALTER TABLE ancestor ADD COLUMN late integer DEFAULT 3;

-- Partitions: two levels, another order, a dropped column, its own default
CREATE TABLE events (id bigint NOT NULL, at timestamp with time zone NOT NULL, kind text DEFAULT 'a', customer bigint)
  PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01 00:00:00+00') TO ('2025-01-01 00:00:00+00');
CREATE TABLE events_2025 (gone integer, kind text DEFAULT 'own', customer bigint, at timestamp with time zone NOT NULL, id bigint NOT NULL)
  PARTITION BY LIST (kind);
ALTER TABLE events_2025 DROP COLUMN gone;
ALTER TABLE events ATTACH PARTITION events_2025 FOR VALUES FROM ('2025-01-01 00:00:00+00') TO (MAXVALUE);
CREATE TABLE events_2025_a PARTITION OF events_2025 FOR VALUES IN ('a', 'own', NULL);
CREATE TABLE events_2025_rest PARTITION OF events_2025 DEFAULT;
ALTER TABLE events ADD PRIMARY KEY (id, at, kind);
CREATE INDEX events_kind ON events (kind, lower(kind));
CREATE INDEX not_everywhere ON ONLY events (customer);
CREATE TABLE hashed (a integer, b text) PARTITION BY HASH (a, lower(b));
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1) WITH (fillfactor = 50);
ALTER TABLE events ADD CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers;
ALTER TABLE events ADD CONSTRAINT kind_length CHECK (length(kind) < 20);
CREATE TABLE notes (id bigint, at timestamp with time zone, kind text, note text,
  CONSTRAINT of_event FOREIGN KEY (id, at, kind) REFERENCES events ON DELETE CASCADE);
ALTER TABLE notes ADD CHECK (note <> '' AND (id > 0 AND at > '2000-01-01 00:00:00+00') AND NOT (kind = 'x' OR kind = 'y'));

-- Indexes and statistics
CREATE INDEX orders_partial ON orders (placed DESC NULLS LAST, (customer + 1)) INCLUDE (total) WITH (fillfactor = 80)
  WHERE customer > 0 AND placed BETWEEN '2020-01-01' AND '2030-01-01' AND id <> 5;
ALTER INDEX orders_partial ALTER COLUMN 2 SET STATISTICS 300;
CREATE INDEX orders_words ON orders USING gin (words) WITH (fastupdate = off);
CREATE INDEX customers_status ON customers (status) WHERE status IN ('new', 'old');
CREATE INDEX customers_pattern ON customers (name COLLATE "POSIX" text_pattern_ops);
CREATE UNIQUE INDEX customers_lower ON customers (lower(name), md5(bytes));
CREATE INDEX customers_miles ON customers (miles);
CREATE INDEX customers_brin ON customers USING brin (born) WITH (pages_per_range = 8);
CREATE STATISTICS both_stats (ndistinct, dependencies) ON customer, placed FROM orders;
CREATE STATISTICS expression_stats (mcv) ON lower(name), (age % 10) FROM customers;
ALTER STATISTICS both_stats SET STATISTICS 77;

-- Views, one of them with everything that deparses differently after a restore or in a newer version
CREATE VIEW simple AS SELECT * FROM customers WHERE age > 3;
CREATE VIEW tricky WITH (security_barrier, check_option = cascaded) AS
  SELECT c.id, c.name AS "Name", upper(c.status) AS status, c.age
  FROM customers AS c
  WHERE c.status IN ('new', 'old') AND c.age BETWEEN 1 AND 5 AND c.number = 3
    AND (c.name LIKE 'a%' OR c.name = 'c.name' OR EXISTS (SELECT FROM orders AS o WHERE o.customer = c.id));
ALTER VIEW tricky ALTER COLUMN "Name" SET DEFAULT 'viewed';
CREATE VIEW joined AS
  SELECT c.*, o.id AS order_id, o.placed FROM customers AS c JOIN orders AS o ON o.customer = c.id AND o.id > 3
  LEFT JOIN LATERAL (SELECT max(events.at) AS last FROM events WHERE events.customer = c.id) AS e ON true;
CREATE VIEW set_operation AS
  SELECT id FROM orders WHERE id > 1 UNION ALL (SELECT age FROM customers EXCEPT SELECT 1) ORDER BY 1 LIMIT 10;
CREATE VIEW with_clause AS
  WITH RECURSIVE up(id, previous) AS (
    SELECT id, previous FROM orders UNION ALL SELECT o.id, o.previous FROM orders AS o JOIN up ON up.previous = o.id
  ) SELECT up.id, count(*) AS n FROM up GROUP BY up.id HAVING count(*) > 1;
CREATE VIEW windowed AS
  SELECT id, sum(id) OVER (PARTITION BY customer ORDER BY placed ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s,
    rank() OVER w AS r, CASE WHEN placed IS NULL THEN 'none' ELSE placed::text END AS day, total::numeric(10, 2) AS t,
    extract(year FROM placed) AS year, substring(words::text FROM 2 FOR 3) AS part, coalesce(customer, -1) AS customer
  FROM orders WINDOW w AS (ORDER BY id DESC);
CREATE VIEW grouped AS
  SELECT status, count(*) FILTER (WHERE age > 3) AS n, array_agg(name ORDER BY id) AS names, max((home).street) AS street
  FROM customers AS c GROUP BY GROUPING SETS ((status), ()) HAVING max(age) > 1;
CREATE VIEW from_function AS SELECT g.n, 'g.n' AS text FROM generate_series(1, 3) AS g (n) WHERE g.n IN (1, 2);
CREATE VIEW from_values AS SELECT v.a, v.b FROM (VALUES (1, 'x'), (2, 'y')) AS v (a, b);
CREATE VIEW from_subquery AS SELECT s.a FROM (SELECT id + 1 AS a FROM orders) AS s WHERE s.a > (SELECT min(id) FROM orders);
CREATE VIEW on_odd AS SELECT "select"."from", "select"."$1%s\" FROM "odd ""schema"" 😀"."select" WHERE "select"."from" = 'f';
CREATE VIEW whole_row AS SELECT customers AS c, customers.name FROM customers;
CREATE VIEW no_table AS SELECT 1 AS one, 'a'::text AS a;
CREATE MATERIALIZED VIEW filled WITH (fillfactor = 60) AS SELECT id, name FROM customers;
CREATE UNIQUE INDEX filled_id ON filled (id);
CREATE MATERIALIZED VIEW unfilled AS SELECT count(*) AS n FROM orders WITH NO DATA;

-- Rules, triggers, event triggers
CREATE RULE redirect AS ON INSERT TO simple DO INSTEAD INSERT INTO scratch (note) VALUES (new.name);
CREATE RULE watch AS ON UPDATE TO orders WHERE new.id <> old.id AND old.id BETWEEN 1 AND 5
  DO ALSO (UPDATE scratch SET note = 'x' WHERE id = new.id; DELETE FROM scratch WHERE note IN ('a', 'b'));
CREATE RULE notify AS ON DELETE TO orders DO NOTIFY changed;
ALTER TABLE orders DISABLE RULE watch;
CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(new, old); END';
CREATE TRIGGER changed BEFORE UPDATE OF name, age ON customers FOR EACH ROW
  WHEN (old.name IS DISTINCT FROM new.name AND new.status IN ('new', 'old')) EXECUTE FUNCTION on_change('an', 'argument');
CREATE TRIGGER statement AFTER INSERT ON customers REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION on_change();
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE TRIGGER switched_off BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION on_change();
ALTER TABLE orders DISABLE TRIGGER switched_off;
CREATE TRIGGER always BEFORE TRUNCATE ON orders EXECUTE FUNCTION on_change();
ALTER TABLE orders ENABLE ALWAYS TRIGGER always;
CREATE TRIGGER on_replica BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION on_change();
ALTER TABLE orders ENABLE REPLICA TRIGGER on_replica;
CREATE TRIGGER instead INSTEAD OF UPDATE ON simple FOR EACH ROW EXECUTE FUNCTION on_change();
CREATE TRIGGER everywhere AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION on_change();
ALTER TABLE events_2024 DISABLE TRIGGER everywhere;
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE') EXECUTE FUNCTION on_ddl();
CREATE EVENT TRIGGER switched_off ON sql_drop EXECUTE FUNCTION on_ddl();
ALTER EVENT TRIGGER switched_off DISABLE;

-- Row security
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON customers FOR ALL TO pg_monitor, pg_read_all_data
  USING (name = CURRENT_USER AND status IN ('new', 'old')) WITH CHECK (age > 1);
CREATE POLICY not_secret ON customers AS RESTRICTIVE FOR SELECT USING (id > (SELECT min(customer) FROM orders));
CREATE POLICY additions ON orders FOR INSERT WITH CHECK (true);

-- Replication
CREATE PUBLICATION of_all FOR ALL TABLES WITH (publish = 'insert, update');
CREATE PUBLICATION of_some FOR TABLE orders, ONLY customers, events WITH (publish_via_partition_root);
CREATE PUBLICATION of_none;
CREATE SUBSCRIPTION elsewhere CONNECTION 'host=nowhere.invalid password=do-not-tell' PUBLICATION b, a
  WITH (connect = false, slot_name = NONE, synchronous_commit = off, binary, streaming);

-- Foreign data
CREATE FOREIGN DATA WRAPPER nowhere OPTIONS (debug 'true');
CREATE SERVER remote TYPE 'none' VERSION '1' FOREIGN DATA WRAPPER nowhere OPTIONS (host 'nowhere.invalid', password 'do-not-tell');
CREATE USER MAPPING FOR PUBLIC SERVER remote OPTIONS (user 'bob', password 'do-not-tell');
CREATE FOREIGN TABLE abroad (id integer OPTIONS (column_name 'key') NOT NULL, t text COLLATE "C" DEFAULT 'x', CHECK (id > 0))
  SERVER remote OPTIONS (table_name 'home');
CREATE TABLE logs (line text) PARTITION BY LIST (line);
CREATE FOREIGN TABLE logs_abroad PARTITION OF logs FOR VALUES IN ('abroad') SERVER remote;

-- Comments on every kind of thing
COMMENT ON SCHEMA shop IS 'a shop';
COMMENT ON TABLE customers IS E'several\nlines, ''quoted''';
COMMENT ON COLUMN customers."we""ird näme" IS 'weird';
COMMENT ON CONSTRAINT sane_age ON customers IS 'check';
COMMENT ON CONSTRAINT customers_pkey ON customers IS 'key';
COMMENT ON INDEX customers_pkey IS 'index of the key';
COMMENT ON INDEX customers_lower IS 'index';
COMMENT ON SEQUENCE invoice_number IS 'sequence';
COMMENT ON VIEW tricky IS 'view';
COMMENT ON COLUMN tricky."Name" IS 'column of a view';
COMMENT ON MATERIALIZED VIEW filled IS 'materialized view';
COMMENT ON FOREIGN TABLE abroad IS 'foreign table';
COMMENT ON FUNCTION add(integer, integer) IS 'function';
COMMENT ON PROCEDURE tidy(integer, text) IS 'procedure';
COMMENT ON AGGREGATE total(integer) IS 'aggregate';
COMMENT ON TRIGGER changed ON customers IS 'trigger';
COMMENT ON EVENT TRIGGER watch_ddl IS 'event trigger';
COMMENT ON RULE watch ON orders IS 'rule';
COMMENT ON POLICY own_rows ON customers IS 'policy';
COMMENT ON TYPE address IS 'composite type';
COMMENT ON COLUMN address.street IS 'attribute';
COMMENT ON TYPE mood IS 'enum';
COMMENT ON TYPE opening IS 'range';
COMMENT ON TYPE mile IS 'base type';
COMMENT ON DOMAIN positive IS 'domain';
COMMENT ON CONSTRAINT is_positive ON DOMAIN positive IS 'domain constraint';
COMMENT ON CAST (integer AS mile) IS 'cast';
COMMENT ON OPERATOR < (mile, mile) IS 'operator';
COMMENT ON OPERATOR CLASS mile_ops USING btree IS 'operator class';
COMMENT ON OPERATOR FAMILY mile_family USING btree IS 'operator family';
COMMENT ON LANGUAGE plown IS 'language';
COMMENT ON TRANSFORM FOR mile LANGUAGE plpgsql IS 'transform';
COMMENT ON ACCESS METHOD heap_again IS 'access method';
COMMENT ON COLLATION german IS 'collation';
COMMENT ON CONVERSION own_conversion IS 'conversion';
COMMENT ON TEXT SEARCH PARSER own_parser IS 'parser';
COMMENT ON TEXT SEARCH TEMPLATE own_template IS 'template';
COMMENT ON TEXT SEARCH DICTIONARY own_dictionary IS 'dictionary';
COMMENT ON TEXT SEARCH CONFIGURATION own_search IS 'configuration';
COMMENT ON STATISTICS both_stats IS 'statistics';
COMMENT ON PUBLICATION of_some IS 'publication';
COMMENT ON SUBSCRIPTION elsewhere IS 'subscription';
COMMENT ON FOREIGN DATA WRAPPER nowhere IS 'wrapper';
COMMENT ON SERVER remote IS 'server';
SELECT lo_from_bytea(4711, 'large'::bytea), lo_from_bytea(4712, decode(repeat('00ff', 300000), 'hex'));
COMMENT ON LARGE OBJECT 4711 IS 'large object';

-- Grants
GRANT SELECT, INSERT ON customers TO pg_monitor;
GRANT SELECT (id), UPDATE (id, placed) ON orders TO PUBLIC;
GRANT USAGE ON SCHEMA shop TO PUBLIC;
REVOKE EXECUTE ON FUNCTION add(integer, integer) FROM PUBLIC;
GRANT USAGE ON SEQUENCE invoice_number TO pg_monitor WITH GRANT OPTION;
REVOKE USAGE ON TYPE mood FROM PUBLIC;
GRANT USAGE ON FOREIGN SERVER remote TO pg_monitor;
ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO pg_monitor;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- A few rows
INSERT INTO customers (name, age, home, open) VALUES ('Ann', 30, ('Road', '1', NULL), '[09:00,17:00)'), ('Bob', 40, NULL, NULL);
INSERT INTO orders (customer, total, words) SELECT id, 5, 'a b' FROM customers;
INSERT INTO events VALUES (1, '2024-05-05 00:00:00+00', 'a', NULL), (2, '2025-05-05 00:00:00+00', 'b', NULL);
INSERT INTO invoices
  SELECT n, (ARRAY['acme', 'blue', 'core'])[n % 3 + 1], n * 1.25, n * 0.19, 'note ' || n FROM generate_series(1, 60) AS n;
UPDATE invoices SET note = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 4000) AS n) WHERE id = 60;
INSERT INTO measurements SELECT n % 5, n / 7.0 FROM generate_series(1, 40) AS n;
INSERT INTO old_measurements SELECT n % 5, n / 9.0 FROM generate_series(1, 40) AS n;
INSERT INTO scratch (note) VALUES ('a'), ('b');
INSERT INTO ancestor VALUES (1, 'one', 1), (2, 'two', 2);
INSERT INTO grandchild (own, b, a, late, z, last) VALUES (1, 'g', 7, 3, '2026-01-01', 'last');
INSERT INTO hashed VALUES (1, 'a'), (2, 'b'), (3, 'c'), (4, 'd'), (5, 'e'), (6, 'f');
INSERT INTO circle_a VALUES (1, NULL);
INSERT INTO circle_b VALUES (1, 1);
UPDATE circle_a SET b = 1;
INSERT INTO clustered VALUES (1, 1), (2, 2);
INSERT INTO computed (a, note) VALUES (1, 'first'), (2, NULL);
INSERT INTO no_column DEFAULT VALUES;
INSERT INTO no_column DEFAULT VALUES;
INSERT INTO "odd ""schema"" 😀"."select" VALUES (1, 'one', 'f'), (2, 'two', 'g');
REFRESH MATERIALIZED VIEW filled;
RESET search_path;
RESET client_min_messages;
