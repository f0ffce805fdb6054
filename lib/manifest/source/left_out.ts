import type { Sql } from "../../postgres/connection/connect.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { readExactly, readRelations } from "../rows/row_digest_session.ts";
import { extensionChangesLeftOut, extensionRowsLeftOut, systemSchemaLeftOut } from "./findings.ts";

/** User objects that a dump of a database does not hold, as findings that only warn. */
export async function findLeftOut(sql: Sql): Promise<Finding[]> {
  return [
    ...await findExtensionRows(sql),
    ...await findExtensionChanges(sql),
    ...await findInSystemSchemas(sql),
  ];
}

/**
 * Members of extensions, with the transaction that made each a member: what came with the extension is of the same one.
 */
const members = `
  SELECT c.oid, c.relkind, n.nspname, c.relname, x.extname, d.xmin::pg_catalog.text AS made_by, (
    SELECT x.extcondition[i] FROM pg_catalog.generate_subscripts(x.extconfig, 1) AS i WHERE x.extconfig[i] = c.oid
  ) AS condition
  FROM pg_catalog.pg_depend AS d
  JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
  JOIN pg_catalog.pg_class AS c ON c.oid = d.objid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype = 'e'
    AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND c.relpersistence <> 't'`;

/** Rows that were written after the extension was made, and that it does not let pg_dump take. */
async function findExtensionRows(sql: Sql): Promise<Finding[]> {
  interface Member {
    oid: number;
    schema: string;
    name: string;
    extension: string;
    written: string;
    in_dump: string;
  }
  const tables = await readExactly<Member>(
    sql,
    `WITH member AS (${members})
    SELECT m.oid, m.nspname AS schema, m.relname AS name, m.extname AS extension,
      pg_catalog.format(
        '(SELECT pg_catalog.count(*) FROM ONLY %I.%I AS t WHERE t.xmin::pg_catalog.text <> %L)',
        m.nspname, m.relname, m.made_by
      ) AS written,
      CASE WHEN m.condition IS NULL THEN '0' ELSE pg_catalog.format(
        '(SELECT pg_catalog.count(*) FROM (SELECT xmin AS made_by FROM ONLY %I.%I %s) AS t '
        'WHERE t.made_by::pg_catalog.text <> %L)',
        m.nspname, m.relname, m.condition, m.made_by
      ) END AS in_dump
    FROM member AS m
    WHERE m.relkind = 'r' AND m.condition IS DISTINCT FROM ''
      AND pg_catalog.has_schema_privilege(m.nspname, 'USAGE') AND pg_catalog.has_table_privilege(m.oid, 'SELECT')
      AND pg_catalog.pg_relation_size(m.oid) > 0
    ORDER BY 2, 3`,
  );
  const findings: Finding[] = [];
  for (const table of tables) {
    const [{ rows }] = await readRelations<{ rows: string }>(
      sql,
      [table],
      `SELECT ${table.written} - ${table.in_dump} AS rows`,
    );
    if (Number(rows) <= 0) continue;
    const { schema, name, extension } = table;
    findings.push(extensionRowsLeftOut({ rows, table: `${schema}.${name}`, extension }));
  }
  return findings;
}

/** Sequences that were used, and what was hung on an extension's table since. */
async function findExtensionChanges(sql: Sql): Promise<Finding[]> {
  const sequences = await readExactly<{ oid: number; schema: string; name: string; sql: string; start: string }>(
    sql,
    `WITH member AS (${members})
    SELECT m.oid, m.nspname AS schema, m.relname AS name,
      pg_catalog.format('%I.%I', m.nspname, m.relname) AS sql, s.seqstart AS start
    FROM member AS m JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = m.oid
    WHERE m.condition IS NULL
      AND pg_catalog.has_schema_privilege(m.nspname, 'USAGE') AND pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
    ORDER BY 2, 3`,
  );
  const moved: { extension?: string; what: string }[] = [];
  for (const sequence of sequences) {
    const [{ is_moved }] = await readRelations<{ is_moved: boolean }>(
      sql,
      [{ ...sequence, kind: "sequence" }],
      `SELECT last_value <> ${sequence.start} OR is_called AS is_moved FROM ${sequence.sql}`,
    );
    if (is_moved) moved.push({ what: `the value of the sequence ${sequence.schema}.${sequence.name}` });
  }
  const made = await readExactly<{ what: string }>(
    sql,
    `WITH member AS (${members})
    SELECT pg_catalog.format('the column %I of %I.%I', a.attname, m.nspname, m.relname) AS what
    FROM member AS m JOIN pg_catalog.pg_attribute AS a ON a.attrelid = m.oid
    WHERE m.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND a.xmin::pg_catalog.text <> m.made_by
    UNION ALL
    SELECT pg_catalog.format('the %s on %I.%I', hanging.what, m.nspname, m.relname)
    FROM member AS m
    CROSS JOIN LATERAL (
      SELECT pg_catalog.format('index %I', c.relname) AS what, i.indexrelid AS oid, 'pg_catalog.pg_class'::pg_catalog.regclass
      FROM pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
      WHERE i.indrelid = m.oid AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conindid = i.indexrelid AND k.conrelid = m.oid
      )
      UNION ALL
      SELECT pg_catalog.format('constraint %I', k.conname), k.oid, 'pg_catalog.pg_constraint'::pg_catalog.regclass
      FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = m.oid AND k.contype <> 'n'
      UNION ALL
      SELECT pg_catalog.format('trigger %I', t.tgname), t.oid, 'pg_catalog.pg_trigger'::pg_catalog.regclass
      FROM pg_catalog.pg_trigger AS t WHERE t.tgrelid = m.oid AND NOT t.tgisinternal
    ) AS hanging (what, oid, classid)
    WHERE m.relkind IN ('r', 'p') AND EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = hanging.classid AND d.objid = hanging.oid AND d.xmin::pg_catalog.text <> m.made_by
    ) AND NOT EXISTS (
      SELECT FROM pg_catalog.pg_depend AS d
      WHERE d.classid = hanging.classid AND d.objid = hanging.oid AND d.deptype = 'e'
    )
    ORDER BY 1`,
  );
  const what = [...moved, ...made].map(({ what }) => what);
  return what.length > 0 ? [extensionChangesLeftOut({ what })] : [];
}

/** pg_dump takes nothing that lies in these, whoever made it. */
async function findInSystemSchemas(sql: Sql): Promise<Finding[]> {
  const relations = await readExactly<{ oid: number; schema: string; name: string; kind: string; sql: string | null }>(
    sql,
    `SELECT c.oid, n.nspname AS schema, c.relname AS name,
      CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN
        'foreign table' ELSE 'table' END AS kind,
      CASE WHEN c.relkind = 'r' AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
        THEN pg_catalog.format('ONLY %I.%I', n.nspname, c.relname) END AS sql
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND c.oid >= 16384 AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND ${ownObject("pg_class", "c.oid")}
    ORDER BY 2, 3`,
  );
  const names: string[] = [];
  for (const relation of relations) {
    const [rows] = relation.sql === null ? [] : await readRelations<{ count: string }>(
      sql,
      [{ oid: relation.oid, schema: relation.schema, name: relation.name }],
      `SELECT pg_catalog.count(*) AS count FROM ${relation.sql}`,
    );
    names.push(
      `the ${relation.kind} ${relation.schema}.${relation.name}${rows ? ` with its ${rows.count} rows` : ""}`,
    );
  }
  const others = await readExactly<{ what: string }>(
    sql,
    `SELECT pg_catalog.format('the function %I.%I(%s)', n.nspname, p.proname,
      pg_catalog.pg_get_function_identity_arguments(p.oid)) AS what
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND p.oid >= 16384 AND ${ownObject("pg_proc", "p.oid")}
    UNION ALL
    SELECT pg_catalog.format('the type %I.%I', n.nspname, t.typname)
    FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
    WHERE n.nspname IN ('pg_catalog', 'information_schema') AND t.oid >= 16384 AND t.typtype IN ('d', 'e', 'r')
      AND ${ownObject("pg_type", "t.oid")}
    ORDER BY 1`,
  );
  const what = [...names, ...others.map(({ what }) => what)];
  return what.length > 0 ? [systemSchemaLeftOut({ what })] : [];
}

function ownObject(catalog: string, oid: string): string {
  return `NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass AND d.objid = ${oid} AND d.deptype IN ('e', 'i')
  )`;
}
