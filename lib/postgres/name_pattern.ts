import { patternInvalid } from "./findings/dumps.ts";

/** Something that has a name within a schema. */
interface Named {
  schema: string;
  name: string;
}

/** Which names an operator means. */
interface NamePattern {
  /** As it was written. */
  text: string;
  matches(named: Named): boolean;
}

/**
 * Reads a pattern as pg_dump's `--table` takes it: `name`, `schema.name`, `*` and `?`, lower case except for what is in
 * double quotes. As pg_restore does, a name that is written exactly as it is means that one, whatever its case.
 *
 * @param known The names there are; which of them are written exactly like the pattern is told from these.
 * @throws {OperatorError} `PATTERN_INVALID`
 */
export function readNamePattern(text: string, known: readonly Named[]): NamePattern {
  const isExact = ({ schema, name }: Named) => text === name || text === `${schema}.${name}`;
  if (known.some(isExact)) return { text, matches: isExact };
  const parts = patternParts(text).map((part) => asExpression(text, part));
  if (parts.length > 2) throw patternInvalid.error({ pattern: text, has: "more than a schema and a name" });
  const [name, schema] = parts.toReversed();
  return { text, matches: (named) => name.test(named.name) && (schema?.test(named.schema) ?? true) };
}

/** The same of a schema: `--schema`. */
export function readSchemaPattern(text: string, known: readonly string[]): (schema: string) => boolean {
  if (known.includes(text)) return (schema) => schema === text;
  const parts = patternParts(text);
  if (parts.length > 1) throw patternInvalid.error({ pattern: text, has: "a schema in a schema" });
  const expression = asExpression(text, parts[0]);
  return (schema) => expression.test(schema);
}

/** The same of a database, as pg_dumpall's `--exclude-database` takes it. */
export function readDatabasePattern(text: string): (database: string) => boolean {
  const parts = patternParts(text);
  if (parts.length > 1) throw patternInvalid.error({ pattern: text, has: "a schema before a database" });
  const expression = asExpression(text, parts[0]);
  return (database) => expression.test(database);
}

function asExpression(text: string, part: string): RegExp {
  if (part === "") throw patternInvalid.error({ pattern: text, has: "an empty name" });
  try {
    return new RegExp(`^(?:${part})$`, "s");
  } catch {
    throw patternInvalid.error({ pattern: text, has: "no regular expression" });
  }
}

/**
 * Reads a pattern for names as pg_dump and psql take it: `*` and `?`, dots between schema and name, lower case but for what
 * is in double quotes.
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
