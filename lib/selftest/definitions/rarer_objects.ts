import type { Mutation } from "../mutation.ts";

/** Operators, casts, collations, text search and the rarer objects. */
export const rarerObjects: Mutation[] = [
  {
    name: "operator in another schema",
    sql: "ALTER OPERATOR @+ (NONE, mile) SET SCHEMA public",
    told: ["- operator shop.@+(NONE, shop.mile)", "+ operator public.@+(NONE, shop.mile)"],
  },
  {
    name: "operator estimator",
    sql: "ALTER OPERATOR = (mile, mile) SET (RESTRICT = NONE)",
    told: ["~ operator shop.=(shop.mile, shop.mile)"],
  },
  {
    name: "operator family",
    sql: "ALTER OPERATOR FAMILY mile_family USING btree DROP OPERATOR 1 (mile, integer)",
    told: ["~ operator_family shop.mile_family USING btree"],
  },
  {
    name: "operator class missing",
    sql: "DROP OPERATOR CLASS other_int_ops USING btree",
    told: ["- operator_class shop.other_int_ops USING btree"],
  },
  {
    name: "operator family missing",
    sql: "DROP OPERATOR FAMILY empty_family USING gin",
    told: ["- operator_family shop.empty_family USING gin"],
  },
  {
    name: "collation made deterministic",
    sql: "UPDATE pg_collation SET collisdeterministic = true WHERE collname = 'german'",
    told: ["~ collation shop.german"],
    needs: "icu",
  },
  { name: "conversion missing", sql: "DROP CONVERSION own_default", told: ["- conversion shop.own_default"] },
  {
    name: "text search mapping",
    sql: "ALTER TEXT SEARCH CONFIGURATION own_search DROP MAPPING FOR word",
    told: ["~ text_search_configuration shop.own_search"],
  },
  {
    name: "text search dictionary",
    sql: "ALTER TEXT SEARCH DICTIONARY own_dictionary (ACCEPT = true)",
    told: ["~ text_search_dictionary shop.own_dictionary"],
  },
  {
    name: "language renamed",
    sql: "ALTER LANGUAGE plown RENAME TO plmine",
    told: [
      "- language plown",
      "+ language plmine",
      "- comment language plown",
      "+ comment language plmine",
      "~ function shop.in_own_language()",
    ],
  },
  { name: "access method missing", sql: "DROP ACCESS METHOD btree_again", told: ["- access_method btree_again"] },
  {
    name: "statistics object",
    sql: "ALTER STATISTICS both_stats SET STATISTICS 78",
    told: ["~ statistics shop.both_stats"],
  },
  {
    name: "statistics object missing",
    sql: "DROP STATISTICS expression_stats",
    told: ["- statistics shop.expression_stats"],
  },
  {
    name: "cast context",
    sql: "UPDATE pg_cast SET castcontext = 'e' WHERE castsource = 'address'::regtype AND casttarget = 'jsonb'::regtype",
    told: ["~ cast (shop.address AS jsonb)"],
  },
  {
    name: "statistics kinds",
    sql:
      "DROP STATISTICS both_stats; CREATE STATISTICS both_stats (ndistinct) ON customer, placed FROM orders; ALTER STATISTICS both_stats SET STATISTICS 77; COMMENT ON STATISTICS both_stats IS 'statistics'",
    told: ["~ statistics shop.both_stats"],
  },
  {
    name: "extension missing",
    sql: "DROP EXTENSION pg_trgm",
    told: ["- extension pg_trgm", "- comment extension pg_trgm"],
    needs: "pg_trgm",
  },
  {
    name: "extension in another schema",
    sql: "ALTER EXTENSION pg_trgm SET SCHEMA shop",
    told: ["~ extension pg_trgm"],
    needs: "pg_trgm",
  },
  {
    name: "operator's commutator",
    sql: "UPDATE pg_operator SET oprcom = 0 WHERE oid = '>(mile, mile)'::regoperator",
    told: ["~ operator shop.>(shop.mile, shop.mile)"],
  },
  {
    name: "operator class no longer the default",
    sql: "UPDATE pg_opclass SET opcdefault = false WHERE opcname = 'mile_hash_ops'",
    told: ["~ operator_class shop.mile_hash_ops USING hash"],
  },
  {
    name: "conversion no longer the default",
    sql: "UPDATE pg_conversion SET condefault = false WHERE conname = 'own_default'",
    told: ["~ conversion shop.own_default"],
  },
  {
    name: "collation's locale",
    sql: "UPDATE pg_collation SET collctype = 'POSIX' WHERE collname = 'plain'",
    told: ["~ collation shop.plain"],
  },
  {
    name: "language no longer trusted",
    sql: "UPDATE pg_language SET lanpltrusted = false WHERE lanname = 'plown'",
    told: ["~ language plown"],
  },
  {
    name: "text search configuration missing",
    sql: "DROP TEXT SEARCH CONFIGURATION copied_search",
    told: ["- text_search_configuration shop.copied_search"],
  },
];
