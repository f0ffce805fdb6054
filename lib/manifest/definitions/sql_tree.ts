/** A piece of SQL: a word, a quoted identifier, a string, white space, a sign, or what is between brackets. */
export type SqlNode = string | SqlGroup;

interface SqlGroup {
  open: "(" | "[";
  nodes: SqlNode[];
}

const token =
  /(?<dollar>\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$)[^]*?(?:\k<dollar>|$)|[eE]'(?:[^'\\]|\\[^]|'')*'?|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[\p{L}\p{N}_$\u0080-\u{10ffff}]+|\s+|::|[^]/gu;

/** Reads SQL as Postgres writes it into a tree of its brackets. Writing the tree gives the same text again. */
export function parseSql(text: string): SqlNode[] {
  const root: SqlNode[] = [];
  const open: SqlGroup[] = [];
  let nodes = root;
  for (const [piece] of text.matchAll(token)) {
    if (piece === "(" || piece === "[") {
      const group: SqlGroup = { open: piece, nodes: [] };
      nodes.push(group);
      open.push(group);
      nodes = group.nodes;
    } else if (opening(piece) && open.at(-1)?.open === opening(piece)) {
      open.pop();
      nodes = open.at(-1)?.nodes ?? root;
    } else {
      nodes.push(piece);
    }
  }
  return open.length > 0 ? [text] : root; // not SQL after all
}

export function writeSql(nodes: SqlNode[]): string {
  return nodes.map((node) =>
    typeof node === "string" ? node : node.open + writeSql(node.nodes) + (node.open === "(" ? ")" : "]")
  ).join("");
}

export function isGroup(node: SqlNode | undefined, open: "(" | "["): node is SqlGroup {
  return typeof node === "object" && node.open === open;
}

export function isSpace(node: SqlNode | undefined): boolean {
  return typeof node === "string" && /^\s+$/.test(node);
}

/** Splits at each node that satisfies the condition, which is dropped; white space around the parts is dropped too. */
export function splitSql(nodes: SqlNode[], at: (node: SqlNode) => boolean): SqlNode[][] {
  const parts: SqlNode[][] = [[]];
  for (const node of nodes) at(node) ? parts.push([]) : parts.at(-1)!.push(node);
  return parts.map(trim);
}

function trim(nodes: SqlNode[]): SqlNode[] {
  const first = nodes.findIndex((node) => !isSpace(node));
  return first < 0 ? [] : nodes.slice(first, nodes.findLastIndex((node) => !isSpace(node)) + 1);
}

function opening(piece: string): "(" | "[" | undefined {
  return piece === ")" ? "(" : piece === "]" ? "[" : undefined;
}
