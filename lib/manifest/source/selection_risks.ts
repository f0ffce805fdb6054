import type { Sql } from "../../postgres/connection/connect.ts";
import type { DumpSelection } from "../../postgres/dump_selection.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { readExactly } from "../rows/row_digest_session.ts";
import { partNeedsMore, partNeedsRows } from "./findings.ts";

/** What a part of a database needs and does not hold: it cannot be restored alone. */
export async function findSelectionRisks(sql: Sql, selection: DumpSelection): Promise<Finding[]> {
  const needs = await readExactly<Need>(sql, needsQuery);
  const isDumped = (oid: number) => !selection.leftOut.has(oid);
  const isMissing = ({ needed_relation, needed_schema, is_extension }: Need) => {
    if (needed_relation !== null) return !isDumped(needed_relation);
    if (selection.by === "exclusions") return needed_schema !== null && !selection.schemas.has(needed_schema);
    return is_extension || needed_schema === null || !selection.schemas.has(needed_schema);
  };
  const missing = needs.filter((need) => isDumped(need.relation) && isMissing(need));
  const unfilled = needs.filter(({ relation, is_foreign_key, needed_relation }) =>
    is_foreign_key && isDumped(relation) && !selection.withoutRows.has(relation) &&
    selection.withoutRows.has(needed_relation!)
  );
  const told = (of: Need[]) => [...new Set(of.map(({ name, needed }) => `${name} needs ${needed}`))];
  return [
    ...missing.length > 0 ? [partNeedsMore({ needs: told(missing) })] : [],
    ...unfilled.length > 0 ? [partNeedsRows({ needs: told(unfilled) })] : [],
  ];
}

interface Need {
  relation: number;
  name: string;
  needed: string;
  /** OID, where it is a relation. */
  needed_relation: number | null;
  needed_schema: string | null;
  is_extension: boolean;
  is_foreign_key: boolean;
}

/** On what tables and views, with all that is dumped with them, depend; of what users and extensions made. */
const needsQuery = `
  WITH part AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS classid, c.oid AS objid, c.oid AS relation
    FROM pg_catalog.pg_class AS c WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, indexrelid, indrelid FROM pg_catalog.pg_index
    UNION ALL SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, oid, adrelid FROM pg_catalog.pg_attrdef
    UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, oid, conrelid FROM pg_catalog.pg_constraint
      WHERE conrelid <> 0
    UNION ALL SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, oid, tgrelid FROM pg_catalog.pg_trigger
      WHERE NOT tgisinternal
    UNION ALL SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, oid, ev_class FROM pg_catalog.pg_rewrite
    UNION ALL SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, oid, polrelid FROM pg_catalog.pg_policy
  ),
  need AS (
    SELECT DISTINCT p.relation, d.refclassid, d.refobjid, k.contype IS NOT DISTINCT FROM 'f' AS is_foreign_key
    FROM part AS p
    JOIN pg_catalog.pg_depend AS d ON d.classid = p.classid AND d.objid = p.objid AND d.deptype IN ('n', 'a', 'P')
    LEFT JOIN pg_catalog.pg_constraint AS k
      ON p.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = p.objid
    WHERE d.refobjid >= 16384 AND d.refobjid <> p.relation
      -- A foreign key needs the index, too; the table says enough.
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_index AS i WHERE i.indexrelid = d.refobjid)
      AND d.refclassid IN (
      'pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass,
      'pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass,
      'pg_catalog.pg_collation'::pg_catalog.regclass, 'pg_catalog.pg_ts_config'::pg_catalog.regclass,
      'pg_catalog.pg_opclass'::pg_catalog.regclass
    )
  )
  SELECT
    c.oid::pg_catalog.int8::pg_catalog.float8 AS relation,
    pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
    pg_catalog.format('the %s %s', i.type, i.identity) AS needed,
    r.oid::pg_catalog.int8::pg_catalog.float8 AS needed_relation,
    i.schema AS needed_schema,
    EXISTS (
      SELECT FROM pg_catalog.pg_depend AS e
      WHERE e.classid = d.refclassid AND e.objid = d.refobjid AND e.deptype = 'e'
    ) AS is_extension,
    d.is_foreign_key
  FROM need AS d
  JOIN pg_catalog.pg_class AS c ON c.oid = d.relation AND c.relpersistence <> 't'
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class AS direct
    ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND direct.oid = d.refobjid
  LEFT JOIN pg_catalog.pg_type AS t ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = d.refobjid
  LEFT JOIN pg_catalog.pg_type AS element ON element.oid = t.typelem AND element.typarray = t.oid
  -- A table's row type goes with the table.
  LEFT JOIN pg_catalog.pg_class AS r ON r.relkind <> 'c' AND r.oid = CASE
    WHEN direct.oid IS NOT NULL THEN direct.oid
    ELSE nullif(coalesce(element.typrelid, t.typrelid), 0)
  END
  CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.refclassid, d.refobjid, 0) AS i
  WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND r.oid IS DISTINCT FROM c.oid
    AND i.identity IS NOT NULL
  ORDER BY 2, 3`;
