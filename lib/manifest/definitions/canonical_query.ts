import { canonicalSql } from "./canonical_sql.ts";
import { isGroup, isSpace, parseSql, splitSql, type SqlNode, writeSql } from "./sql_tree.ts";

/**
 * Gives a view's query one form in all versions of PostgreSQL.
 *
 * Where a query reads a single relation, PostgreSQL 16 and later leave its name away before the columns (17 and later
 * keep it in a sort clause that an output column of that name would make ambiguous). In subqueries all write it.
 */
export function canonicalQuery(text: string): string {
  const query = canonicalSql(text);
  const nodes = parseSql(query);
  const [begin, end] = fromClause(nodes);
  const name = begin < 0 ? undefined : onlyRelation(nodes.slice(begin, end));
  if (name === undefined) return query;
  return writeSql([
    ...unqualified(nodes.slice(0, begin), name),
    ...nodes.slice(begin, end),
    ...unqualified(nodes.slice(end), name),
  ]);
}

/** Where the outermost FROM clause begins and ends; -1 where there is none or several. */
function fromClause(nodes: SqlNode[]): [begin: number, end: number] {
  const from = nodes.indexOf("FROM");
  if (from < 0 || nodes.some((node) => node === "UNION" || node === "INTERSECT" || node === "EXCEPT")) return [-1, -1];
  const after = new Set<SqlNode>([
    "WHERE",
    "GROUP",
    "HAVING",
    "WINDOW",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "FOR",
    ";",
  ]);
  const end = nodes.findIndex((node, index) => index > from && after.has(node));
  return [from + 1, end < 0 ? nodes.length : end];
}

/** The name by which columns are qualified, if a FROM clause has one item that is not a join. */
function onlyRelation(clause: SqlNode[]): string | undefined {
  const items = splitSql(clause, (node) => node === ",");
  const [first, ...rest] = items[0].filter((node) => !isSpace(node) && node !== "ONLY" && node !== "LATERAL");
  if (items.length > 1 || rest.includes("JOIN")) return undefined;
  if (isGroup(first, "(")) return isSubquery(first.nodes) ? rest.find(isName) as string | undefined : undefined;
  let name: SqlNode = first;
  while (rest[0] === ".") name = rest.splice(0, 2)[1];
  const alias = rest.find((node) => isName(node) && node !== "WITH" && node !== "ORDINALITY");
  return (alias === "TABLESAMPLE" ? name : alias ?? name) as string;
}

function unqualified(nodes: SqlNode[], name: string): SqlNode[] {
  const result: SqlNode[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i];
    const isQualifier = node === name && nodes[i + 1] === "." && isName(nodes[i + 2]) && nodes[i - 1] !== ".";
    if (isQualifier) i++;
    else if (typeof node === "string" || isSubquery(node.nodes)) result.push(node);
    else result.push({ ...node, nodes: unqualified(node.nodes, name) });
  }
  return result;
}

function isSubquery(nodes: SqlNode[]): boolean {
  const first = nodes.find((node) => !isSpace(node));
  return first === "SELECT" || first === "WITH" || first === "VALUES";
}

function isName(node: SqlNode | undefined): boolean {
  return typeof node === "string" && /^[\p{L}_"\u0080-\u{10ffff}]/u.test(node);
}
