/**
 * Returns a document whose texts do nothing to what they are printed on: rows, logs and names may hold characters that
 * move the cursor, paint, or turn the direction of writing, and lines that a CI takes for commands (`::add-mask::`).
 */
export function printable<T>(document: T): T {
  if (typeof document === "string") return harmless(document) as T;
  if (Array.isArray(document)) return document.map(printable) as T;
  if (typeof document !== "object" || document === null) return document;
  return Object.fromEntries(Object.entries(document).map(([key, value]) => [key, printable(value)])) as T;
}

function harmless(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, "\ufffd")
    .replace(/^(\s*):(?=:)/gm, "$1: ");
}
