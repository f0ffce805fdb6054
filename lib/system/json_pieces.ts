/** Longer ones are handed on. */
const pieceLength = 64 * 1024;

/**
 * Writes what `JSON.stringify(value, null, 2)` does, in pieces: a manifest of thousands of tables takes tens of megabytes.
 */
export function* jsonPieces(value: unknown): Generator<string, void> {
  let held = "";
  for (const part of partsOf(value, "\n")) {
    held += part;
    if (held.length < pieceLength) continue;
    yield held;
    held = "";
  }
  if (held !== "") yield held;
}

/** @param line What begins a line of this level. */
function* partsOf(value: unknown, line: string): Generator<string, void> {
  // Deeper levels are short.
  const isDeep = line.length > 6;
  if (isDeep || !isPlain(value)) {
    yield (JSON.stringify(value, null, 2) ?? "null").replaceAll("\n", line);
    return;
  }
  const isArray = Array.isArray(value);
  const entries = isArray
    ? value.map((element): [string, unknown] => ["", element])
    : Object.entries(value).filter(([, member]) => isWritten(member));
  const [open, close] = isArray ? "[]" : "{}";
  if (entries.length === 0) return yield open + close;
  for (const [place, [key, member]] of entries.entries()) {
    yield `${place === 0 ? open : ","}${line}  ${isArray ? "" : `${JSON.stringify(key)}: `}`;
    yield* partsOf(member, `${line}  `);
  }
  yield line + close;
}

function isWritten(member: unknown): boolean {
  return member !== undefined && typeof member !== "function" && typeof member !== "symbol";
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null || "toJSON" in value) return false;
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
