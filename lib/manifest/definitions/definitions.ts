import { is } from "../../system/define_finding.ts";
import type { Sql } from "../../postgres/connection/connect.ts";
import castsAndLanguages from "./casts_and_languages.sql" with { type: "text" };
import collations from "./collations.sql" with { type: "text" };
import comments from "./comments.sql" with { type: "text" };
import common from "./common.sql" with { type: "text" };
import constraints from "./constraints.sql" with { type: "text" };
import defaultPrivileges from "./default_privileges.sql" with { type: "text" };
import foreignData from "./foreign_data.sql" with { type: "text" };
import indexes from "./indexes.sql" with { type: "text" };
import operators from "./operators.sql" with { type: "text" };
import publications from "./publications.sql" with { type: "text" };
import relations from "./relations.sql" with { type: "text" };
import routines from "./routines.sql" with { type: "text" };
import rulesAndPolicies from "./rules_and_policies.sql" with { type: "text" };
import schemasAndExtensions from "./schemas_and_extensions.sql" with { type: "text" };
import sequences from "./sequences.sql" with { type: "text" };
import subscriptions from "./subscriptions.sql" with { type: "text" };
import textSearch from "./text_search.sql" with { type: "text" };
import { withPlainNames } from "./plain_names.ts";
import triggers from "./triggers.sql" with { type: "text" };
import types from "./types.sql" with { type: "text" };
import { relationReplaced } from "../../postgres/findings/servers.ts";
import { findReplaced } from "../../postgres/table_locks.ts";
import { withExactSettings } from "../rows/row_digest_session.ts";
import { definitionsChanged } from "../findings.ts";
import { isGroup, isSpace, parseSql, splitSql, type SqlNode, writeSql } from "./sql_tree.ts";

/** One object that a user made. */
export interface Definition {
  /** `table`, `index`, `function`, `comment`, … */
  kind: string;
  /** Unique within its kind, quoted where needed, keywords never: `public.orders`, `public.f(integer, text)`, `t on public.orders`. */
  identity: string;
  /** All that makes the object what it is, besides owner and grants; one aspect a line. */
  definition: string;
  owner?: string;
  /** Grants as Postgres writes them; absent if they are the default. */
  acl?: string[];
  /** Grants of columns, as `column NAME: …`. */
  column_acl?: string[];
  /** Options whose names are not known to be the user's, such as a newer server's own: `column a: name=value`. */
  unknown_options?: string[];
}

/** Kinds that consist of grants only: a restore without grants keeps none of them. */
export const grantKinds: ReadonlySet<string> = new Set(["default_privileges"]);

/** A row of any family's query; `default_acl` is what no grant at all would mean. */
interface Row {
  kind: string;
  identity: string | null;
  definition: string | null;
  /** What a view selects, the rest of its definition; empty for all else. */
  query?: string | null;
  owner?: string | null;
  acl?: string[] | null;
  default_acl?: string[] | null;
  column_acl?: string[] | null;
  unknown_options?: string[] | null;
  /** Options that the server prints within the definition and that are not to be there. */
  unprinted_options?: string[] | null;
}

/** In portions that take about as long as each other; those first in each that are most work for us. */
const portions = [
  [constraints, sequences, triggers, routines],
  [
    relations,
    indexes,
    schemasAndExtensions,
    rulesAndPolicies,
    types,
    castsAndLanguages,
    operators,
    collations,
    textSearch,
    publications,
    foreignData,
    comments,
    defaultPrivileges,
  ],
];

/**
 * Captures the definition of every object that users made in a database, without what extensions own.
 *
 * A dump restored, also into a newer major version, gives the same list but for owners and grants, and for texts that
 * Postgres prints otherwise once it has parsed them again. What pg_dump does not
 * keep is left out: invalid indexes of ordinary tables, whether a subscription is enabled, for anybody but a superuser
 * subscriptions at all. Tablespaces are left out, too. Passwords never appear: of user mappings only the names of options
 * do, of subscriptions everything but the connection string.
 *
 * Reads catalogs only, in a savepoint of the caller's transaction; needs no privilege, and PostgreSQL 14 or later.
 *
 * @param sql A connection inside a transaction. Definitions that are changed meanwhile are read as they are now or then.
 * @returns Definitions sorted by kind, then identity.
 * @throws {OperatorError} `DEFINITIONS_CHANGED` if an object was dropped while it was read.
 */
export async function captureDefinitions(sql: Sql): Promise<Definition[]> {
  const definitions = [];
  for (const portion of definitionPortions) definitions.push(...await portion(sql));
  return sortDefinitions(definitions);
}

/** The same in portions, for several sessions of one snapshot; to be put together by {@linkcode sortDefinitions}. */
export const definitionPortions = portions.map((families, place) => (sql: Sql): Promise<Definition[]> =>
  withExactSettings(sql, async () => {
    const isLast = place === portions.length - 1;
    // All at once, so that the server need not wait for us in between.
    const read = (isLast && await isSuperuser(sql) ? [...families, subscriptions] : families)
      .map((family) => readFamily(sql, family));
    return (await Promise.all(read)).flat();
  }).catch(async (error) => {
    const names = is(error, definitionsChanged) ? await findReplaced(sql).catch(() => []) : [];
    throw names.length > 0 ? relationReplaced.error({ names }, { cause: error }) : error;
  })
);

/** Sorts definitions by kind, then identity; in place. */
export function sortDefinitions(definitions: Definition[]): Definition[] {
  return definitions.sort(byName); // quick, as each family is sorted already
}

async function isSuperuser(sql: Sql): Promise<boolean> {
  const [{ superuser }] = await sql<{ superuser: boolean }[]>`
    SELECT current_setting('is_superuser') = 'on' AS superuser`;
  return superuser;
}

async function readFamily(sql: Sql, family: string): Promise<Definition[]> {
  try {
    const rows: Row[] = [];
    // Few grants are unlike, and of thousands of tables there are hundreds of thousands: each is kept once.
    const known = new Map<string, string>();
    const kept = (item: string) => known.get(item) ?? (known.set(item, item), item);
    await sql.unsafe<Row[]>(`WITH ${common} SELECT * FROM (${family}) AS family`).forEach((row) => {
      rows.push(row.acl ? { ...row, acl: row.acl.map(kept) } : row);
    });
    return rows.map(asDefinition).sort(byName);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // The catalog's own functions look up what is there now, not what the snapshot shows.
    if (code === "XX000" && /^(cache lookup failed|could not (open|find))/.test(message)) {
      throw definitionsChanged.error(undefined, { cause: error });
    }
    throw error;
  }
}

function asDefinition(row: Row): Definition {
  const { kind, identity, query, owner, unknown_options, unprinted_options, ...grants } = row;
  let { definition } = row;
  // The catalog's functions return NULL for what is gone, and a family's query must not swallow it.
  if (identity === null || definition === null || query === null) throw definitionsChanged.error();
  if (unprinted_options) definition = withoutOptions(definition, unprinted_options);
  const { acl, column_acl } = grantsOf(grants);
  return {
    kind,
    identity: withPlainNames(identity),
    definition: definition + (query ? `\nAS\n${query}` : ""),
    ...(owner ? { owner } : {}),
    ...(acl ? { acl } : {}),
    ...(column_acl ? { column_acl } : {}),
    ...(unknown_options ? { unknown_options } : {}),
  };
}

/** Grants that say what the default says are none: a restore does not repeat them. */
function grantsOf(
  { acl, default_acl, column_acl }: Pick<Row, "acl" | "default_acl" | "column_acl">,
): { acl?: string[] | null; column_acl?: string[] | null } {
  const isDefault = !acl || (default_acl && acl.toSorted().join("\n") === default_acl.toSorted().join("\n"));
  return { acl: isDefault ? null : acl.sort(), column_acl };
}

function byName(a: Definition, b: Definition): number {
  if (a.kind !== b.kind) return a.kind < b.kind ? -1 : 1;
  return a.identity < b.identity ? -1 : a.identity > b.identity ? 1 : 0;
}

/**
 * Leaves options out of an index as Postgres prints it, by name, wherever it lists options.
 *
 * A list that becomes empty goes too, with its WITH.
 */
function withoutOptions(text: string, names: readonly string[]): string {
  return writeSql(without(parseSql(text), new Set(names)));
}

function without(nodes: SqlNode[], names: ReadonlySet<string>): SqlNode[] {
  const result: SqlNode[] = [];
  for (const node of nodes) {
    if (!isGroup(node, "(")) {
      result.push(node);
      continue;
    }
    const parts = splitSql(node.nodes, (inner) => inner === ",");
    const kept = parts.filter((part) => !isOption(part, names));
    if (kept.length === parts.length) {
      result.push({ ...node, nodes: without(node.nodes, names) });
    } else if (kept.length > 0) {
      result.push({ ...node, nodes: kept.flatMap((part, index) => index > 0 ? [",", " ", ...part] : part) });
    } else {
      while (isSpace(result.at(-1)) || result.at(-1) === "WITH") result.pop();
    }
  }
  return result;
}

function isOption([name, sign]: SqlNode[], names: ReadonlySet<string>): boolean {
  return sign === "=" && typeof name === "string" && names.has(name.replace(/^"(.*)"$/, "$1"));
}
