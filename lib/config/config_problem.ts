/** Something wrong in a configuration, and where. */
export interface ConfigProblem {
  /** In characters from the start. */
  offset: number;
  /** Without position and full stop: `unknown key "knid" in checks[0]`. */
  message: string;
  /** A sentence that helps: `Did you mean "kind"?` */
  hint?: string;
}

/** Line and column, both from 1, as editors count them. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\r|\n/);
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}

/** A path in a document as people write it: `checks[0].name`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === "number" ? `${text}[${part}]` : text === "" ? String(part) : `${text}.${String(part)}`,
    "",
  );
}
