/** Something wrong in a configuration, and where. */
export interface ConfigProblem {
  /** In characters from the start. */
  offset: number;
  /** Without position and full stop: `unknown key "knid" in checks[0]`. */
  message: string;
  /** A sentence that helps: `Did you mean "kind"?` */
  hint?: string;
}

/** Gives line and column of a place in a text, both from 1, as editors count them. */
export function positionsIn(text: string): (offset: number) => { line: number; column: number } {
  const starts = [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), ({ 0: end, index }) => index + end.length)];
  return (offset) => {
    let [line, after] = [0, starts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if (starts[middle] <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: offset - starts[line] + 1 };
  };
}

/** A path in a document as people write it: `checks[0].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}
