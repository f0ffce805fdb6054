import { isGroup, parseSql, splitSql, type SqlNode, writeSql } from "./sql_tree.ts";

/**
 * Gives one form to what Postgres writes in two, depending on whether an expression was typed by a user or came from a
 * dump: it stores what it parsed, and its own output parses differently.
 *
 * - `status IN ('a', 'b')` on a varchar is `(ARRAY['a'::varchar, 'b'::varchar])::text[]` at first, and
 *   `ARRAY[('a'::varchar)::text, ('b'::varchar)::text]` after a restore.
 * - `a BETWEEN 1 AND 2 AND b` is `((a >= 1) AND (a <= 2)) AND b` at first, and has no inner brackets after a restore.
 *
 * - `"json"`, a column's name, has no quotes before PostgreSQL 17.
 *
 * Text in other quotes, a function's body for instance, stays as it is.
 */
export function canonicalSql(text: string): string {
  const isCanonical = !text.includes("(ARRAY[") && !/ (AND|OR) /.test(text) && !newKeyword.test(text);
  return isCanonical ? text : writeSql(canonical(parseSql(text)));
}

/** Words that need quotes as names since PostgreSQL 16 or 17. */
const newKeyword =
  /"(system_user|merge_action|json(_(array|arrayagg|exists|object|objectagg|query|scalar|serialize|table|value))?)"/;

function canonical(nodes: SqlNode[]): SqlNode[] {
  const inner = nodes.map((node) =>
    typeof node === "string" ? withoutNewQuotes(node) : { ...node, nodes: canonical(node.nodes) }
  );
  return flattened(castElements(inner));
}

function withoutNewQuotes(node: string): string {
  return node.startsWith('"') && newKeyword.test(node) ? node.slice(1, -1) : node;
}

/** `(ARRAY[a, b])::text[]` becomes `ARRAY[(a)::text, (b)::text]`. */
function castElements(nodes: SqlNode[]): SqlNode[] {
  const result: SqlNode[] = [];
  for (let i = 0; i < nodes.length; i++) {
    const array = arrayInside(nodes[i]);
    const type = array && nodes[i + 1] === "::" ? elementType(nodes, i + 2) : undefined;
    if (!array || !type) {
      result.push(nodes[i]);
      continue;
    }
    const cast = splitSql(array, (node) => node === ",").flatMap((element, index): SqlNode[] => [
      ...index > 0 ? [",", " "] : [],
      { open: "(", nodes: element },
      "::",
      ...type,
    ]);
    result.push("ARRAY", { open: "[", nodes: cast });
    i += 2 + type.length; // the cast, the type and its []
  }
  return result;
}

/** The elements of a bracketed array constructor that is not empty. */
function arrayInside(node: SqlNode): SqlNode[] | undefined {
  if (!isGroup(node, "(") || node.nodes.length !== 2) return undefined;
  const [word, elements] = node.nodes;
  return word === "ARRAY" && isGroup(elements, "[") && elements.nodes.length > 0 ? elements.nodes : undefined;
}

/** The type's name that begins here, if `[]` follows it. */
function elementType(nodes: SqlNode[], begin: number): SqlNode[] | undefined {
  for (let end = begin; end < nodes.length; end++) {
    const node = nodes[end];
    if (isGroup(node, "[")) return node.nodes.length === 0 && end > begin ? nodes.slice(begin, end) : undefined;
    if (typeof node === "string" && !/^([\p{L}\p{N}_$\u0080-\u{10ffff}]+|"[^]*"|\.| )$/u.test(node)) return undefined;
  }
  return undefined;
}

/** `(a AND b) AND c` becomes `a AND b AND c`, and so with OR. */
function flattened(nodes: SqlNode[]): SqlNode[] {
  const chain = chainOf(nodes);
  if (!chain) return nodes;
  const parts = chain.parts.flatMap((part) => {
    const [only] = part;
    const nested = part.length === 1 && isGroup(only, "(") ? chainOf(only.nodes) : undefined;
    return nested?.operator === chain.operator ? nested.parts : [part];
  });
  return parts.flatMap((part, index) => index > 0 ? [" ", chain.operator, " ", ...part] : part);
}

/** What AND or OR joins, if the nodes are that and nothing else. */
function chainOf(nodes: SqlNode[]): { operator: "AND" | "OR"; parts: SqlNode[][] } | undefined {
  const operators = new Set(nodes.filter((node) => node === "AND" || node === "OR"));
  if (operators.size !== 1) return undefined;
  // The AND of `ROWS BETWEEN 1 PRECEDING AND CURRENT ROW` is none; lists and statements are not chains.
  if (nodes.some((node) => typeof node === "string" && /^(BETWEEN|[,;]|.*\n.*)$/s.test(node))) return undefined;
  const [operator] = operators as Set<"AND" | "OR">;
  return { operator, parts: splitSql(nodes, (node) => node === operator) };
}
