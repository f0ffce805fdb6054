import { jsonPieces } from "../system/json_pieces.ts";

/**
 * Characters that are obeyed, not read: they move a cursor, paint, turn the direction of writing, or end a line where
 * it is invisible. What joins letters and signs (U+200C, U+200D) stays.
 */
const controls = /[^\P{Cc}\n\t]|[^\P{Cf}\u200c\u200d]|[\u2028\u2029]/gu;

/** Returns the text with U+FFFD in the place of every control character, and of every half of one. */
export function withoutControls(text: string): string {
  return text.toWellFormed().replace(/\r\n/g, "\n").replace(controls, "\ufffd");
}

/**
 * Returns a document whose texts do nothing to what they are printed on: rows, logs and names may hold control characters,
 * and lines that a CI takes for commands (`::add-mask::`).
 */
export function printable<T>(document: T): T {
  if (typeof document === "string") return withoutControls(document).replace(/^(\s*):(?=:)/gm, "$1: ") as T;
  if (Array.isArray(document)) return document.map(printable) as T;
  if (typeof document !== "object" || document === null) return document;
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [withoutControls(key), printable(value)]),
  ) as T;
}

/**
 * Returns JSON that holds the same, with escapes for the control characters that JSON permits.
 *
 * @param indent How many blanks to each level; none: one line. @default {2}
 */
export function printableJson(document: unknown, { indent = 2 }: { indent?: number } = {}): string {
  return withControlsEscaped(JSON.stringify(document, null, indent));
}

/** The same, on separate lines, in pieces of a size that a long document does not matter for. */
export function* printableJsonPieces(document: unknown): Generator<string, void> {
  for (const piece of jsonPieces(document)) yield withControlsEscaped(piece);
}

function withControlsEscaped(json: string): string {
  return json.replace(
    controls,
    (character) => character.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** For Markdown: nothing in a text is markup, a link, a mention or a new line. */
export function markdownText(text: string): string {
  return withoutControls(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll("@", "&#64;") // no mention
    .replace(/:(?=\/\/)/g, "&#58;") // no link made of a bare URL
    .replace(/[\\`*_{}[\]()#~|!$]/g, "\\$&")
    .replace(/\s+/g, " ");
}
