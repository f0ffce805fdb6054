import type { OperatorError } from "../system/operator_error.ts";
import { nearestWord } from "../system/nearest_word.ts";
import type { Sql } from "./connection/connect.ts";
import { nothingMatches, patternInvalid } from "./findings/dumps.ts";
import { patternParts } from "./name_pattern.ts";

/** What pg_dump's options choose of a database, as far as relations go. */
export interface DumpSelection {
  /** How the rest is chosen: named tables come alone, named schemas with all that is in them. */
  by: "tables" | "schemas" | "exclusions";
  /** Schemas whose objects are dumped; none where tables are named. */
  schemas: ReadonlySet<string>;
  /** OIDs of relations that are not dumped. */
  leftOut: ReadonlySet<number>;
  /** OIDs of tables that are dumped without their rows. */
  withoutRows: ReadonlySet<number>;
  /** Excluding patterns that match nothing. */
  idle: string[];
}

interface Relation {
  oid: number;
  schema: string;
  name: string;
  /** Of the table that a sequence belongs to. */
  owner: number | null;
  isIdentity: boolean;
}

const options = ["schema", "exclude-schema", "table", "exclude-table", "exclude-table-data"] as const;
type Option = typeof options[number];

/**
 * Says what a selection means, by pg_dump's own rules: a name without a schema is one that the database's search_path finds.
 *
 * @param sql A connection with the database's own search_path.
 * @param selection pg_dump's options, as `--table=orders`.
 * @throws {OperatorError} `PATTERN_INVALID`, or `NOTHING_MATCHES` where one that includes matches nothing.
 */
export async function resolveSelection(sql: Sql, selection: readonly string[]): Promise<DumpSelection> {
  const matched = Object.fromEntries(options.map((option) => [option, new Set<number>()])) as Record<
    Option,
    Set<number>
  >;
  const idle: string[] = [];
  for (const argument of selection) {
    const [, option, pattern] = /^--([a-z-]+)=(.*)$/s.exec(argument) as unknown as [string, Option, string];
    const oids = await (option.endsWith("schema") ? matchSchemas(sql, pattern) : matchRelations(sql, pattern))
      .catch((error) => {
        throw error.code === "2201B" ? patternInvalid.error({ pattern, has: "no regular expression" }) : error;
      });
    if (oids.length === 0 && !option.startsWith("exclude")) throw await whatMatches(sql, option, pattern);
    if (oids.length === 0) idle.push(argument);
    for (const oid of oids) matched[option].add(oid);
  }
  const by = matched.table.size > 0 ? "tables" : matched.schema.size > 0 ? "schemas" : "exclusions";
  const schemas = await sql<{ oid: number; name: string }[]>`
    SELECT oid::pg_catalog.int8::pg_catalog.float8 AS oid, nspname AS name FROM pg_catalog.pg_namespace
    WHERE nspname OPERATOR(pg_catalog.!~) '^pg_' AND nspname OPERATOR(pg_catalog.<>) 'information_schema'`;
  const dumped = new Set(
    schemas
      .filter(({ oid }) => by !== "tables" && (by !== "schemas" || matched.schema.has(oid)))
      .filter(({ oid }) => !matched["exclude-schema"].has(oid))
      .map(({ name }) => name),
  );
  const relations = await listRelations(sql);
  const isChosen = ({ oid, schema }: Relation) =>
    (by === "tables" ? matched.table.has(oid) : dumped.has(schema)) && !matched["exclude-table"].has(oid);
  const chosen = new Set(relations.filter(isChosen).map(({ oid }) => oid));
  // A sequence goes with the column that it belongs to; only that of an identity column never goes alone.
  for (const { oid, owner, isIdentity } of relations) {
    if (owner !== null && chosen.has(owner)) chosen.add(oid);
    else if (owner !== null && isIdentity) chosen.delete(oid);
  }
  return {
    by,
    schemas: dumped,
    leftOut: new Set(relations.map(({ oid }) => oid).filter((oid) => !chosen.has(oid))),
    withoutRows: new Set([...matched["exclude-table-data"]].filter((oid) => chosen.has(oid))),
    idle,
  };
}

async function listRelations(sql: Sql): Promise<Relation[]> {
  return await sql<Relation[]>`
    SELECT c.oid::pg_catalog.int8::pg_catalog.float8 AS oid, n.nspname AS schema, c.relname AS name,
      d.refobjid::pg_catalog.int8::pg_catalog.float8 AS owner, coalesce(d.deptype OPERATOR(pg_catalog.=) 'i', false) AS "isIdentity"
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    LEFT JOIN pg_catalog.pg_depend AS d
      ON c.relkind OPERATOR(pg_catalog.=) 'S' AND d.objid OPERATOR(pg_catalog.=) c.oid
      AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
      AND d.refobjsubid OPERATOR(pg_catalog.>) 0 AND d.deptype OPERATOR(pg_catalog.=) ANY ('{a,i}')
    WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,S,v,m,f}') AND c.relpersistence OPERATOR(pg_catalog.<>) 't'
      AND n.nspname OPERATOR(pg_catalog.!~) '^pg_' AND n.nspname OPERATOR(pg_catalog.<>) 'information_schema'`;
}

async function matchSchemas(sql: Sql, pattern: string): Promise<number[]> {
  const [name] = await partsIn(sql, pattern, 1);
  const found = await sql<{ oid: number }[]>`
    SELECT oid::pg_catalog.int8::pg_catalog.float8 AS oid FROM pg_catalog.pg_namespace
    WHERE nspname OPERATOR(pg_catalog.~) ${name} COLLATE pg_catalog.default`;
  return found.map(({ oid }) => oid);
}

async function matchRelations(sql: Sql, pattern: string): Promise<number[]> {
  const [name, schema = null] = await partsIn(sql, pattern, 2);
  const found = await sql<{ oid: number }[]>`
    SELECT c.oid::pg_catalog.int8::pg_catalog.float8 AS oid
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE c.relkind OPERATOR(pg_catalog.=) ANY ('{r,p,S,v,m,f}')
      AND c.relname OPERATOR(pg_catalog.~) ${name} COLLATE pg_catalog.default
      AND CASE WHEN ${schema}::pg_catalog.text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
        ELSE n.nspname OPERATOR(pg_catalog.~) ${schema ?? ""} COLLATE pg_catalog.default END`;
  return found.map(({ oid }) => oid);
}

/** As regular expressions, the name first. One part more than there can be is the database's own name. */
async function partsIn(sql: Sql, pattern: string, most: number): Promise<string[]> {
  const parts = patternParts(pattern);
  if (parts.length > most) {
    const [database] = await sql<{ isThis: boolean }[]>`
      SELECT pg_catalog.current_database() OPERATOR(pg_catalog.~) ${`^(${parts[0]})$`} AS "isThis"`;
    if (parts.length > most + 1 || !database.isThis) {
      throw patternInvalid.error({ pattern, has: "too many parts" });
    }
    parts.shift();
  }
  return parts.reverse().map((part) => `^(${part})$`);
}

async function whatMatches(sql: Sql, option: string, pattern: string): Promise<OperatorError> {
  const relations = await listRelations(sql);
  const quote = (name: string) => /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
  const written = (names: string[]) => new Map(names.map((name) => [name.replaceAll('"', ""), name]));
  const known = option === "schema"
    ? written(relations.map(({ schema }) => quote(schema)))
    : written(relations.flatMap(({ schema, name }) => [quote(name), `${quote(schema)}.${quote(name)}`]));
  const nearest = nearestWord(pattern.replaceAll('"', ""), [...known.keys()]);
  return nothingMatches.error({ option, pattern, nearest: nearest && known.get(nearest) });
}
