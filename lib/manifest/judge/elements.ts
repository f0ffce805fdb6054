import { isGroup, splitSql, type SqlNode, writeSql } from "../definitions/sql_tree.ts";

/**
 * Takes the expressions out of the list of what an index, a partition's key or extended statistics are about.
 *
 * An element is a column, a call, or anything else in brackets; a collation, an operator class and the like may follow.
 */
export function elements(list: SqlNode | undefined, take: (sql: string) => string): SqlNode[] {
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
