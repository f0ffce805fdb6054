import type { Definition } from "../definitions/definitions.ts";
import { isGroup, isSpace, parseSql, splitSql, type SqlNode, writeSql } from "../definitions/sql_tree.ts";
import { objectName, tableOf } from "./names.ts";
import type { Parts, Printed } from "./printed.ts";

/** Takes a definition apart into what the server printed of expressions and queries, and the rest. */
export function takeApart(definition: Definition): Parts {
  const printed: Printed[] = [];
  const take: Take = (one) => {
    printed.push(one);
    return mark;
  };
  const takeApart = kinds[definition.kind];
  const nodes = parseSql(definition.definition);
  return { frame: writeSql(takeApart ? takeApart(nodes, take, definition) : nodes), printed };
}

/** Is put into a frame where something was taken out; Postgres has no such character in any text. */
const mark = "\0";

type Take = (printed: Printed) => string;

const kinds: Record<string, (nodes: SqlNode[], take: Take, definition: Definition) => SqlNode[]> = {
  view: relation,
  materialized_view: relation,
  table: relation,
  foreign_table: relation,
  domain(nodes, take) {
    // What VALUE means in a domain's CHECK is a column of that name here.
    const base = nodes.slice(2, endOf(nodes, 2, isLineEnd));
    const from = `(SELECT NULL::${writeSql(base)} AS value) AS checked`;
    return afterWord(defaults(nodes, take), ["CHECK"], (group) => expression(group, take, from));
  },
  constraint(nodes, take, { identity }) {
    const from = tableOf(identity);
    if (nodes[0] !== "EXCLUDE") return afterWord(nodes, ["CHECK"], (group) => expression(group, take, from));
    const found = nodes.findIndex((node) => isGroup(node, "("));
    const withElements = replaced(nodes, found, found + 1, elements(nodes[found], (sql) => take(over(from, sql))));
    return afterWord(withElements, ["WHERE"], (group) => expression(group, take, from));
  },
  index(nodes, take) {
    const from = objectName(nodes, nodes.indexOf("ON") + 1);
    const begin = nodes.findIndex((node, index) => index > nodes.indexOf("USING") && isGroup(node, "("));
    const withElements = replaced(nodes, begin, begin + 1, elements(nodes[begin], (sql) => take(over(from, sql))));
    return toLineEnd(withElements, "WHERE", (sql) => take(over(from, sql)));
  },
  trigger(nodes, take) {
    const table = objectName(nodes, nodes.indexOf("ON") + 1);
    return afterWord(nodes, ["WHEN"], (group) => expression(group, take, `${table} AS old, ${table} AS new`));
  },
  policy(nodes, take, { identity }) {
    const from = tableOf(identity);
    return afterWord(nodes, ["USING", "CHECK"], (group) => expression(group, take, from));
  },
  rule(nodes, take) {
    const end = nodes.lastIndexOf(";");
    return replaced(nodes, 0, end, [take({ kind: "rule", sql: writeSql(nodes.slice(0, end)) })]);
  },
  statistics(nodes, take) {
    const [on, from] = [nodes.lastIndexOf("ON"), nodes.lastIndexOf("FROM")];
    const table = objectName(nodes, from + 1);
    const list = elements({ open: "(", nodes: nodes.slice(on + 2, from - 1) }, (sql) => take(over(table, sql)));
    return replaced(nodes, on + 2, from - 1, list);
  },
  publication(nodes, take) {
    let from = "";
    for (let i = 0; i < nodes.length; i++) {
      if (nodes[i] === "TABLE" && isLineBegin(nodes, i)) from = objectName(nodes, i + 1);
      if (nodes[i] === "WHERE") nodes = toLineEnd(nodes, "WHERE", (sql) => take(over(from, sql)), i);
    }
    return nodes;
  },
  function: routine,
  procedure: routine,
  collation(nodes, take) {
    const locale = nodes.indexOf("LOCALE") + 2;
    const isIcu = nodes[0] === "PROVIDER" && nodes[2] === "icu" && locale > 2;
    return isIcu
      ? replaced(nodes, locale, locale + 1, [take({ kind: "locale", sql: nodes[locale] as string })])
      : nodes;
  },
};

/** Columns with their defaults and what they are generated from, the key of partitions, and a view's query. */
function relation(nodes: SqlNode[], take: Take, { identity }: Definition): SqlNode[] {
  const from = tableOf(identity);
  const as = nodes.findIndex((node, index) =>
    node === "AS" && isLineBegin(nodes, index) && isLineEnd(nodes[index + 1])
  );
  const query = as < 0 ? [] : ["AS", "\n", take({ kind: "query", sql: writeSql(nodes.slice(as + 2)) })];
  let lines = defaults(as < 0 ? nodes : nodes.slice(0, as), take);
  for (let i = 0; i < lines.length; i++) {
    const group = lines[i + 2];
    if (!isGroup(group, "(")) continue;
    if (lines[i] === "AS" && lines[i - 2] === "ALWAYS") {
      lines = replaced(lines, i + 2, i + 3, [expression(group, take, from)]);
    }
    if (lines[i - 4] === "PARTITION" && lines[i - 2] === "BY") {
      lines = replaced(lines, i + 2, i + 3, elements(group, (sql) => take(over(from, sql))));
    }
  }
  return [...lines, ...query];
}

/** Words that may follow a default in a column's line. Within an expression they are in brackets. */
const afterDefault = new Set<SqlNode | undefined>([
  "NOT",
  "LOCAL",
  "STORAGE",
  "COMPRESSION",
  "STATISTICS",
  "OPTIONS",
  "FDW",
]);

function defaults(nodes: SqlNode[], take: Take): SqlNode[] {
  for (let i = 0; i < nodes.length; i++) {
    // A partition's bound may be DEFAULT, and no more.
    const hasValue = nodes[i + 1] !== undefined && !isLineEnd(nodes[i + 1], nodes[i + 2]);
    if (nodes[i] !== "DEFAULT" || nodes[i - 2] === "BY" || !hasValue) continue;
    const end = endOf(nodes, i + 2, (node, next) => isLineEnd(node, next) || (isSpace(node) && afterDefault.has(next)));
    nodes = replaced(nodes, i + 2, end, [take({ kind: "expression", sql: writeSql(nodes.slice(i + 2, end)) })]);
  }
  return nodes;
}

function routine(nodes: SqlNode[], take: Take): SqlNode[] {
  const body = nodes.findIndex((node) => node === "RETURN" || node === "BEGIN" || node === "AS");
  if (body >= 0 && nodes[body] !== "AS") return [take({ kind: "routine", sql: writeSql(nodes) })];
  const list = nodes.findIndex((node) => isGroup(node, "("));
  const group = nodes[list];
  if (!isGroup(group, "(")) return nodes;
  const taken: SqlNode[] = [];
  for (let i = 0; i < group.nodes.length; i++) {
    taken.push(group.nodes[i]);
    if (group.nodes[i] !== "DEFAULT") continue;
    const end = endOf(group.nodes, i + 2, (node) => node === ",");
    taken.push(" ", take({ kind: "expression", sql: writeSql(group.nodes.slice(i + 2, end)) }));
    i = end - 1;
  }
  return replaced(nodes, list, list + 1, [{ ...group, nodes: taken }]);
}

function over(from: string, sql: string): Printed {
  return { kind: "expression", sql, from };
}

function expression(group: SqlNode, take: Take, from: string): SqlNode {
  return { open: "(", nodes: [take(over(from, writeSql([group])))] };
}

/** Replaces the brackets that follow any of these words. */
function afterWord(nodes: SqlNode[], words: string[], replace: (group: SqlNode) => SqlNode): SqlNode[] {
  return nodes.map((node, index) => {
    const word = nodes[index - 2];
    return isGroup(node, "(") && typeof word === "string" && words.includes(word) ? replace(node) : node;
  });
}

/** Replaces the text between a word and the end of its line. */
function toLineEnd(nodes: SqlNode[], word: string, replace: (sql: string) => string, from = 0): SqlNode[] {
  const begin = nodes.indexOf(word, from) + 2;
  if (begin < 2) return nodes;
  const end = endOf(nodes, begin, isLineEnd);
  return replaced(nodes, begin, end, [replace(writeSql(nodes.slice(begin, end)))]);
}

function replaced(nodes: SqlNode[], begin: number, end: number, by: SqlNode[]): SqlNode[] {
  return begin < 0 ? nodes : [...nodes.slice(0, begin), ...by, ...nodes.slice(end)];
}

/** Where an expression ends; a CASE has several lines, and begins on a new one. */
function endOf(nodes: SqlNode[], begin: number, isEnd: (node: SqlNode, next?: SqlNode) => boolean): number {
  let depth = 0;
  for (let i = begin; i < nodes.length; i++) {
    if (nodes[i] === "CASE") depth++;
    else if (nodes[i] === "END") depth--;
    else if (depth === 0 && isEnd(nodes[i], nodes[i + 1])) return i;
  }
  return nodes.length;
}

function isLineEnd(node: SqlNode | undefined, next?: SqlNode): boolean {
  return isSpace(node) && (node as string).includes("\n") && next !== "CASE";
}

function isLineBegin(nodes: SqlNode[], index: number): boolean {
  return index === 0 || isLineEnd(nodes[index - 1]);
}

/**
 * Takes the expressions out of the list of what an index, a partition's key or extended statistics are about.
 *
 * An element is a column, a call, or anything else in brackets; a collation, an operator class and the like may follow.
 */
function elements(list: SqlNode | undefined, take: (sql: string) => string): SqlNode[] {
  if (!isGroup(list, "(")) return list === undefined ? [] : [list];
  const parts = splitSql(list.nodes, (node) => node === ",");
  const taken = parts.flatMap((part, index): SqlNode[] => {
    const end = expressionEnd(part);
    const isColumn = end === 1 && typeof part[0] === "string";
    const element = isColumn ? part : [take(writeSql(part.slice(0, end))), ...part.slice(end)];
    return index > 0 ? [",", " ", ...element] : element;
  });
  return [{ open: "(", nodes: taken }];
}

function expressionEnd(part: SqlNode[]): number {
  if (isGroup(part[0], "(")) return 1;
  let end = 1;
  while (part[end] === ".") end += 2;
  return isGroup(part[end], "(") ? end + 1 : end;
}
