-- A table with a column of every type, and values at the edges of each.
CREATE EXTENSION citext;
CREATE EXTENSION cube;
CREATE EXTENSION hstore;
CREATE EXTENSION intarray;
CREATE EXTENSION isn;
CREATE EXTENSION ltree;
CREATE EXTENSION seg;
CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy');
CREATE TYPE public.uuid AS ENUM ('one', 'two');
CREATE TYPE spot AS (x float8, at timestamptz, label text, amount numeric);
CREATE TYPE "we""ird type" AS (inner_spot spot, moods mood[], flags hstore);
CREATE TYPE float_range AS RANGE (subtype = float8, multirange_type_name = float_multirange);
CREATE TYPE mood_range AS RANGE (subtype = mood);
CREATE DOMAIN small_float AS float8 CHECK (value < 100);
CREATE DOMAIN big_number AS int8;
CREATE DOMAIN bigger_number AS big_number CHECK (value > -10);
CREATE DOMAIN words AS text[];
CREATE DOMAIN span AS int8range;
CREATE DOMAIN spot_domain AS spot;
CREATE DOMAIN code AS char(5);
CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

CREATE TABLE every_type (
  c_aclitem aclitem,
  c_bit bit(5),
  c_bool bool,
  c_box box,
  c_bpchar char(8),
  c_bytea bytea,
  c_char "char",
  c_cidr cidr,
  c_circle circle,
  c_citext citext,
  c_code code,
  c_cube cube,
  c_date date,
  c_domain_int8 bigger_number,
  c_domain_float small_float,
  c_domain_array words,
  c_domain_range span,
  c_domain_spot spot_domain,
  c_ean13 ean13,
  c_enum mood,
  c_enums mood[],
  c_float4 float4,
  c_float8 float8,
  c_floats float8[],
  c_float_range float_range,
  c_float_multirange float_multirange,
  c_hstore hstore,
  c_inet inet,
  c_int2 int2,
  c_int4 int4,
  c_int8 int8,
  c_int2vector int2vector,
  c_interval interval,
  c_intervals interval[],
  c_isbn isbn,
  c_json json,
  c_jsonb jsonb,
  c_jsonpath jsonpath,
  c_line line,
  c_lseg lseg,
  c_ltree ltree,
  c_lquery lquery,
  c_macaddr macaddr,
  c_macaddr8 macaddr8,
  c_money money,
  c_monies money[],
  c_mood_range mood_range,
  c_name name,
  c_numeric numeric,
  c_numerics numeric[],
  c_nummultirange nummultirange,
  c_numrange numrange,
  c_oid oid,
  c_oidvector oidvector,
  c_path path,
  c_point point,
  c_points point[],
  c_polygon polygon,
  c_pg_lsn pg_lsn,
  c_pg_snapshot pg_snapshot,
  c_regclass regclass,
  c_regcollation regcollation,
  c_regconfig regconfig,
  c_regnamespace regnamespace,
  c_regprocedure regprocedure,
  c_regrole regrole,
  c_regtype regtype,
  c_seg seg,
  c_spot spot,
  c_spots spot[],
  c_text text,
  c_text_folded text COLLATE ignoring_case,
  c_text_icu text COLLATE "und-x-icu",
  c_texts text[],
  c_tid tid,
  c_time time,
  c_timestamp timestamp,
  c_timestamptz timestamptz,
  c_timestamps timestamptz[],
  c_timetz timetz,
  c_tsmultirange tsmultirange,
  c_tsquery tsquery,
  c_tsrange tsrange,
  c_tstzrange tstzrange,
  c_tsvector tsvector,
  c_uuid uuid,
  c_uuid_of_ours public.uuid,
  c_varbit varbit,
  c_varchar varchar(20),
  c_weird "we""ird type",
  c_weirds "we""ird type"[],
  c_xid xid,
  c_xid8 xid8,
  c_xml xml,
  c_computed int8 GENERATED ALWAYS AS (c_int8 / 2) STORED
);

INSERT INTO every_type DEFAULT VALUES;
INSERT INTO every_type VALUES (
  'postgres=r/postgres', '10110', true, '((1,2),(3,4.5))', 'ab ', '\x00ff', 'x', '10.1.0.0/16', '<(1,2),3.3>', 'CiText', 'ab',
  '(1,2),(3,4)', '0044-03-15 BC', 42, -0.0, '[2:3]={a,"NULL"}', '[1,5)', '(1.5,"2026-01-01 00:00:00+01",lbl,1.00)',
  '978-0-393-04002-9', 'it''s ok', '{sad,NULL}', '-0', 'NaN', '{NaN,-0,0.1,Infinity}', '[0.1,0.3)', '{[0.1,0.3),[4,)}',
  'a=>1, b=>NULL', '::1/64', -32768, -2147483648, -9223372036854775808, '1 2 3', '1 mon -3 days 00:00:00.000001',
  '{1 day -2 hours,1 year 3 mons}',
  '0-393-04002-X', '{"a": 1,  "a": 2}', '{"n": 1.00, "x": [1e2, null]}', '$.a[*] ? (@.b > 1.0)', '{1,2,3}', '[(1,2),(3,4)]',
  'Top.Science.Astronomy', 'Top.*{1,2}', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', '-12.34', '{1.00,-2.5}', '[sad,happy)',
  'a name', '12345678901234567890.0100', '{1.0,1.00,NaN}', '{(1.0,2.00],(3,)}', '[1.0,2.00]', 4294967295, '1 2',
  '[(1,2),(3,4)]', '(-0,0.1)', '{"(1,2)","(3,4)"}', '((1,2),(3,4),(5,6))', '16/B374D848', '10:20:10,14,15', 'every_type',
  'ignoring_case', 'english', 'public', 'int4in(cstring)', 'postgres', 'mood', '1.0 .. 2.50', '(NaN,infinity,"q""uote, \\",NaN)',
  ARRAY['(1,,,)', NULL]::spot[], E'line\nfeed\\N', 'Folded', 'Straße', '[0:1]={"",NULL}', '(1,2)', '24:00:00',
  '4714-11-24 00:00:00 BC', '294276-12-31 23:59:59.999999+00', '{infinity,-infinity,"2026-03-29 02:30:00+02"}',
  '12:00:00.000001-08:30:15', '{[2026-01-01,2026-01-02)}', '''fat'':ab & !cat <2> dog', 'empty', '(,2026-01-01)',
  '''a'':1A,3 ''b c'':2', '00000000-0000-0000-0000-000000000001', 'two', '', '', '("(1,,,)",{happy},"a=>NULL")',
  ARRAY['("(1,,,)",,)']::"we""ird type"[], '4294967295', '18446744073709551615',
  '<?xml version="1.0" encoding="UTF-8"?><a b="1"> ü </a>'
);
INSERT INTO every_type (c_float8, c_numeric, c_interval, c_spot, c_xml, c_weird, c_floats) VALUES
  ('Infinity'::float8 - 'Infinity', 'NaN', '1 day', ROW(NULL, NULL, NULL, NULL), 'text <b/>', ROW(NULL, NULL, NULL),
    ARRAY['Infinity'::float8 - 'Infinity']),
  ('-Infinity', 'Infinity', '24 hours', NULL, '<?xml version="1.1" standalone="yes"?><a/>', NULL, '{}'),
  (1e-307, -0.0, '-178000000 years', ROW(0.1 + 0.2, 'infinity', '', 1e-20), NULL, NULL, NULL);
-- An array keeps its bitmap of NULLs after the last NULL has gone.
INSERT INTO every_type (c_texts, c_numerics) VALUES ('{a,NULL}', '{1,NULL}');
UPDATE every_type SET c_texts[2] = 'b', c_numerics[2] = 2 WHERE c_texts[1] = 'a';
