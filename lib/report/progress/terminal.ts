/** Where people read what we say, and what can be shown there. */
export interface Terminal {
  /** Whether a line can be drawn anew: it is a terminal, and not a dumb one. */
  canRedraw: boolean;
  hasColor: boolean;
  hasUnicode: boolean;
  /** How wide it is now; `undefined` if unknown, as in a file: lines are not broken then. */
  columns(): number | undefined;
  rows(): number | undefined;
  /** Writes text as it is. */
  write(text: string): void;
}

/** A stream as Deno has them. */
export interface TerminalStream {
  isTerminal(): boolean;
  writeSync(bytes: Uint8Array): number;
}

/**
 * Looks at a stream, and at what the environment says of it: `TERM`, `NO_COLOR` (no-color.org), `COLUMNS`, `LINES`, and
 * whether the locale is one of UTF-8.
 */
export function describeTerminal(stream: TerminalStream, env: Record<string, string>): Terminal {
  const isTerminal = stream.isTerminal();
  const canRedraw = isTerminal && env.TERM !== "dumb";
  const size = (name: "columns" | "rows", variable: string | undefined) => {
    const given = Number(variable);
    if (Number.isInteger(given) && given > 0) return given;
    return (isTerminal && consoleSize()?.[name]) || undefined; // some pseudo-terminals say 0
  };
  return {
    canRedraw,
    hasColor: canRedraw && !env.NO_COLOR,
    hasUnicode: /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || ""),
    columns: () => size("columns", env.COLUMNS),
    rows: () => size("rows", env.LINES),
    write: (text) => writeWhole(stream, text),
  };
}

function consoleSize() {
  try {
    return Deno.consoleSize();
  } catch {
    return undefined; // a terminal without a size
  }
}

/** Writes all of a text, even into a pipe that takes it in pieces; a reader that is gone is not an error. */
export function writeWhole(stream: Pick<TerminalStream, "writeSync">, text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
