import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalQuery } from "../../lib/manifest/definitions/canonical_query.ts";
import { canonicalSql } from "../../lib/manifest/definitions/canonical_sql.ts";
import { parseSql, writeSql } from "../../lib/manifest/definitions/sql_tree.ts";

/** What PostgreSQL writes of an expression that a user typed, and after a restore. */
const pairs = [
  [
    "CHECK (((status)::text = ANY ((ARRAY['new'::character varying, 'a, [b'::character varying])::text[])))",
    "CHECK (((status)::text = ANY (ARRAY[('new'::character varying)::text, ('a, [b'::character varying)::text])))",
  ],
  [
    `(c = ANY ((ARRAY['a'::text])::shop."odd []"[]))`,
    `(c = ANY (ARRAY[('a'::text)::shop."odd []"]))`,
  ],
  [
    "((v10)::text <> ALL ((ARRAY['x'::character varying(10)])::character varying(10)[]))",
    "((v10)::text <> ALL (ARRAY[('x'::character varying(10))::character varying(10)]))",
  ],
  ["CHECK ((((a >= 1) AND (a <= 2)) AND b))", "CHECK (((a >= 1) AND (a <= 2) AND b))"],
  ["(((a OR b) OR c) AND (d OR (e OR f)))", "((a OR b OR c) AND (d OR e OR f))"],
  [`column "json" jsonb DEFAULT '"json"'::jsonb`, `column json jsonb DEFAULT '"json"'::jsonb`],
];

for (const [typed, restored] of pairs) {
  Deno.test(`canonicalSql: ${typed}`, () => {
    assert.equal(canonicalSql(typed), canonicalSql(restored));
  });
}

/** What says something else, or is none of this, stays as it is. */
const untouched = [
  "((a AND (b OR c)) AND_more)",
  "(x = ANY (ARRAY['a'::text, 'b'::text]))",
  "(x = '(ARRAY[a])::text[] ((a AND b) AND c)'::text)",
  "AS $function$ SELECT ((a AND b) AND c) $function$",
  "sum(a) OVER (ORDER BY a ROWS BETWEEN (1 + 1) PRECEDING AND CURRENT ROW)",
  "f((a AND b), (c AND d))",
  "OPTION it's (ARRAY[",
];

for (const text of untouched) {
  Deno.test(`canonicalSql leaves ${text}`, () => assert.equal(canonicalSql(text), text));
}

/** What PostgreSQL 15 writes, and what 16 and later do. */
const queries = [
  [
    " SELECT c.id,\n    (c.home).street\n   FROM shop.customers c\n  ORDER BY c.id;",
    " SELECT id,\n    (home).street\n   FROM shop.customers c\n  ORDER BY id;",
  ],
  [
    " SELECT t.a\n   FROM ONLY public.t\n  WHERE (t.b = 't.b'::text);",
    " SELECT a\n   FROM ONLY public.t\n  WHERE (b = 't.b'::text);",
  ],
  [
    " SELECT g.n\n   FROM generate_series(1, 3) WITH ORDINALITY g(n, o);",
    " SELECT n\n   FROM generate_series(1, 3) WITH ORDINALITY g(n, o);",
  ],
  [" SELECT t.a\n   FROM public.t TABLESAMPLE system (10);", " SELECT a\n   FROM public.t TABLESAMPLE system (10);"],
  [" SELECT t.*::public.t AS t\n   FROM public.t;", " SELECT t.*::public.t AS t\n   FROM public.t;"],
  [
    " SELECT s.a\n   FROM ( SELECT t.a\n           FROM t) s;",
    " SELECT a\n   FROM ( SELECT t.a\n           FROM t) s;",
  ],
  [
    " SELECT t.a\n   FROM t\n  WHERE (EXISTS ( SELECT 1\n           FROM u\n          WHERE (u.a = t.a)));",
    " SELECT a\n   FROM t\n  WHERE (EXISTS ( SELECT 1\n           FROM u\n          WHERE (u.a = t.a)));",
  ],
];

for (const [older, newer] of queries) {
  Deno.test(`canonicalQuery: ${older}`, () => {
    assert.equal(canonicalQuery(older), newer);
    assert.equal(canonicalQuery(newer), newer);
  });
}

for (
  const query of [
    " SELECT a.x,\n    b.x AS y\n   FROM (a\n     JOIN b ON ((a.x = b.x)));",
    " SELECT a.x\n   FROM a,\n    b;",
    " SELECT a.x\n   FROM a\nUNION\n SELECT b.x\n   FROM b;",
    " SELECT 1 AS one;",
  ]
) {
  Deno.test(`canonicalQuery leaves ${query}`, () => assert.equal(canonicalQuery(query), query));
}

Deno.test("any text: the tree writes what it read, and the canonical form is its own", () => {
  const piece = fc.constantFrom(
    "(",
    ")",
    "[",
    "]",
    "'",
    '"',
    "ARRAY",
    "::",
    "text",
    " AND ",
    " OR ",
    ",",
    "a",
    "$f$",
    "\n",
    "E'",
    "\\",
  );
  fc.assert(
    fc.property(fc.array(piece).map((pieces) => pieces.join("")), (text) => {
      assert.equal(writeSql(parseSql(text)), text);
      assert.equal(canonicalSql(canonicalSql(text)), canonicalSql(text));
    }),
    { numRuns: 2000 },
  );
});
