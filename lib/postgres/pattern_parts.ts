import { patternInvalid } from "./findings/dumps.ts";

/**
 * Reads a pattern for names as pg_dump and psql take it: `*` and `?`, dots between schema and name, lower case but for what
 * stands in double quotes.
 *
 * PostgreSQL's src/fe_utils/string_utils.c: patternToSQLRegex.
 *
 * @returns Its parts as regular expressions, without anchors, the name last.
 * @throws {OperatorError} `PATTERN_INVALID`
 */
export function patternParts(pattern: string): string[] {
  const parts = [""];
  const add = (text: string) => parts[parts.length - 1] += text;
  let isQuoted = false;
  for (let at = 0; at < pattern.length; at++) {
    const letter = pattern[at];
    if (letter === '"' && isQuoted && pattern[at + 1] === '"') add(pattern[++at]);
    else if (letter === '"') isQuoted = !isQuoted;
    else if (isQuoted) add(/[|*+?()[\]{}.^$\\]/.test(letter) ? `\\${letter}` : letter);
    else if (letter === ".") parts.push("");
    else if (letter === "[" && pattern[at + 1] === "]") add(`\\[\\${pattern[++at]}`);
    else {add(
        { "*": ".*", "?": ".", "$": "\\$" }[letter] ?? letter.replace(/[A-Z]/, (capital) => capital.toLowerCase()),
      );}
  }
  if (isQuoted) throw patternInvalid.error({ pattern, has: "a single quotation mark" });
  return parts;
}
