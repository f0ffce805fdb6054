import type { Sql } from "../../postgres/connection/connect.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { readExactly } from "../rows/row_digest_session.ts";
import { type KnownNames, namesInBody } from "./function_body.ts";
import { dependsOnRows, dependsOnSearchPath } from "./findings.ts";

/** Where a restore runs a function of the user's. */
interface Use {
  /** `check`, `index`, `generated column`, `partition key`, `materialized view`. */
  kind: string;
  object: string;
  /** OID. */
  function: number;
}

interface UserFunction {
  oid: number;
  name: string;
  identity: string;
  body: string | null;
  sets_search_path: boolean;
  /** Relations that a body which is parsed already reads. */
  parsed_reads: string[];
}

/**
 * Finds functions that a restore will run and that may fail or pass there by other things than the rows themselves: the
 * search_path, which a restore leaves empty, and tables that may not be filled yet.
 *
 * Bodies are read as text, so this is a hint: what it finds are warnings.
 */
export async function findRestoreRisks(sql: Sql): Promise<Finding[]> {
  const uses = await readExactly<Use>(sql, usesQuery);
  const texts = await readExactly<{ object: string; query: string }>(sql, queriesInViewsQuery).catch((error) => {
    if (error.code === "XX000") return []; // dropped meanwhile
    throw error;
  });
  if (uses.length + texts.length === 0) return [];
  const [{ functions, known }] = await readExactly<{
    functions: UserFunction[] | null;
    known: { relations: string[] | null; functions: string[] | null; types: string[] | null };
  }>(sql, namesQuery);
  const names: KnownNames = {
    relations: new Set(known.relations),
    functions: new Set(known.functions),
    types: new Set(known.types),
  };
  const byOid = new Map((functions ?? []).map((found) => [found.oid, found]));
  const byName = Map.groupBy(functions ?? [], ({ name }) => name);
  const findings = uses.flatMap((use) => {
    const start = byOid.get(use.function);
    return start ? risksOf(use, start, byName, names) : [];
  });
  for (const { object, query } of texts) {
    const { unqualified } = namesInBody(query.replaceAll("''", "'"), names);
    if (unqualified.length === 0) continue;
    findings.push(
      dependsOnSearchPath({ kind: "materialized view", object, what: "A query in a text", names: unqualified }),
    );
  }
  return [...new Map(findings.map((finding) => [finding.code + finding.message, finding])).values()];
}

function risksOf(
  use: Use,
  start: UserFunction,
  byName: Map<string, UserFunction[]>,
  names: KnownNames,
): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<number>();
  const visit = (found: UserFunction, isPathSet: boolean) => {
    if (seen.has(found.oid)) return;
    seen.add(found.oid);
    const isSet = isPathSet || found.sets_search_path;
    const { reads, unqualified, calls } = found.body === null
      ? { reads: found.parsed_reads, unqualified: [], calls: [] }
      : namesInBody(found.body, names);
    if (unqualified.length > 0 && !isSet) {
      const { identity: functionName } = found;
      const { kind, object } = use;
      findings.push(dependsOnSearchPath({ kind, object, what: functionName, names: unqualified, functionName }));
    }
    if (reads.length > 0 && readsMatter.has(use.kind)) {
      findings.push(
        dependsOnRows({ kind: use.kind, object: use.object, functionName: found.identity, tables: reads }),
      );
    }
    for (const name of calls) byName.get(name)?.forEach((called) => visit(called, isSet));
  };
  visit(start, false);
  return findings;
}

/** Rows go in table by table, in any order: these run while they do. */
const readsMatter = new Set(["check", "domain's check", "generated column", "partition key"]);

const usesQuery = `
  WITH used AS (
    SELECT d.classid, d.objid, coalesce(o.oprcode::pg_catalog.oid, d.refobjid) AS function
    FROM pg_catalog.pg_depend AS d
    LEFT JOIN pg_catalog.pg_operator AS o
      ON d.refclassid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND o.oid = d.refobjid
    WHERE d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
      AND d.refobjid >= 16384
  ),
  located AS (
    SELECT
      CASE WHEN k.contypid <> 0 THEN 'domain''s check' ELSE 'check' END AS kind,
      pg_catalog.format('%I on %s', k.conname, CASE WHEN k.contypid <> 0
        THEN pg_catalog.format_type(k.contypid, NULL) ELSE k.conrelid::pg_catalog.regclass::pg_catalog.text END) AS object,
      u.function
    FROM used AS u JOIN pg_catalog.pg_constraint AS k
      ON u.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = u.objid AND k.contype = 'c'
    UNION
    SELECT
      CASE c.relkind WHEN 'p' THEN 'partition key' ELSE 'index' END,
      CASE c.relkind WHEN 'p' THEN 'of ' ELSE '' END || c.oid::pg_catalog.regclass::pg_catalog.text, u.function
    FROM used AS u JOIN pg_catalog.pg_class AS c
      ON u.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = u.objid AND c.relkind IN ('i', 'I', 'p')
    UNION
    SELECT 'generated column', a.attrelid::pg_catalog.regclass::pg_catalog.text || '.' || pg_catalog.quote_ident(a.attname),
      u.function
    FROM used AS u JOIN pg_catalog.pg_attrdef AS f
      ON u.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = u.objid
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = f.adrelid AND a.attnum = f.adnum AND a.attgenerated <> ''
    UNION
    SELECT 'materialized view', c.oid::pg_catalog.regclass::pg_catalog.text, u.function
    FROM used AS u JOIN pg_catalog.pg_rewrite AS r
      ON u.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = u.objid
    JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class AND c.relkind = 'm' AND c.relispopulated
  )
  SELECT kind, object, function FROM located ORDER BY kind, object, function`;

/** Functions of Postgres that run a query which they get as a text. */
const queriesInViewsQuery = `
  SELECT c.oid::pg_catalog.regclass::pg_catalog.text AS object, found.parts[1] AS query
  FROM (
    SELECT c.oid
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid
    WHERE c.relkind = 'm' AND c.relispopulated AND EXISTS (
      SELECT FROM pg_catalog.pg_proc AS p
      WHERE p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
        AND p.proname IN ('ts_stat', 'query_to_xml', 'query_to_xml_and_xmlschema')
        AND pg_catalog.strpos(r.ev_action::pg_catalog.text, ':funcid ' || p.oid::pg_catalog.text || ' ') > 0
    )
    OFFSET 0 -- to print a view's query waits if another session is about to change it
  ) AS c
  CROSS JOIN LATERAL pg_catalog.regexp_matches(
    pg_catalog.pg_get_viewdef(c.oid), '(?:ts_stat|query_to_xml(?:_and_xmlschema)?)\\(''((?:[^'']|'''')*)''', 'g'
  ) AS found (parts)
`;

const namesQuery = `
  WITH outside AS (
    SELECT oid FROM pg_catalog.pg_namespace WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  )
  SELECT
    (
      SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
        'oid', p.oid::pg_catalog.int8,
        'name', p.proname,
        'identity', p.oid::pg_catalog.regprocedure::pg_catalog.text,
        'body', CASE WHEN pg_catalog.to_jsonb(p) ->> 'prosqlbody' IS NULL THEN p.prosrc END,
        'sets_search_path', EXISTS (
          SELECT FROM pg_catalog.unnest(p.proconfig) AS setting WHERE setting LIKE 'search_path=%'
        ),
        'parsed_reads', ARRAY(
          SELECT DISTINCT d.refobjid::pg_catalog.regclass::pg_catalog.text FROM pg_catalog.pg_depend AS d
          WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
        )
      ))
      FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
      WHERE p.oid >= 16384 AND l.lanname IN ('sql', 'plpgsql') AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
    ) AS functions,
    pg_catalog.json_build_object(
      'relations', (
        SELECT pg_catalog.json_agg(DISTINCT c.relname) FROM pg_catalog.pg_class AS c
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relnamespace IN (SELECT oid FROM outside)
      ),
      'functions', (
        SELECT pg_catalog.json_agg(DISTINCT p.proname) FROM pg_catalog.pg_proc AS p
        WHERE p.pronamespace IN (SELECT oid FROM outside) AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_proc AS b
          WHERE b.proname = p.proname AND b.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
            -- Extensions overload many of them for their types; what a user overloads is likely to be meant.
            AND (b.proargtypes = p.proargtypes OR EXISTS (
              SELECT FROM pg_catalog.pg_depend AS d
              WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e'
            ))
        )
      ),
      'types', (
        SELECT pg_catalog.json_agg(DISTINCT t.typname) FROM pg_catalog.pg_type AS t
        WHERE t.typnamespace IN (SELECT oid FROM outside) AND t.typelem = 0 AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_type AS b
          WHERE b.typname = t.typname AND b.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
        )
      )
    ) AS known`;
