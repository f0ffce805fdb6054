import { isGroup, isSpace, parseSql, splitSql, type SqlNode, writeSql } from "./sql_tree.ts";

/**
 * Leaves options out of an index as Postgres prints it, by name, wherever it lists options.
 *
 * A list that becomes empty goes too, with its WITH.
 */
export function withoutOptions(text: string, names: readonly string[]): string {
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
