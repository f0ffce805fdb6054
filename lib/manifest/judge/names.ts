import { isSpace, parseSql, type SqlNode, writeSql } from "../definitions/sql_tree.ts";

/** The table that an identity names, `public.orders` or `t on public.orders`, as SQL: all of it quoted. */
export function tableOf(identity: string): string {
  const nodes = parseSql(identity);
  const on = nodes.lastIndexOf("on");
  return nodes.slice(on + 1).filter((node) => !isSpace(node)).map(quoted).join("");
}

/** The name of an object that begins here, after white space and ONLY, as the server wrote it. */
export function objectName(nodes: SqlNode[], begin: number): string {
  const [first, last] = nameRange(nodes, begin);
  return writeSql(nodes.slice(first, last));
}

export function nameRange(nodes: SqlNode[], begin: number): [begin: number, end: number] {
  while (isSpace(nodes[begin]) || nodes[begin] === "ONLY") begin++;
  let end = begin + 1;
  while (nodes[end] === ".") end += 2;
  return [begin, end];
}

function quoted(node: SqlNode): string {
  return typeof node === "string" && node !== "." && !node.startsWith('"') ? `"${node}"` : node as string;
}
