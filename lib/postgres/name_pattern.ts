import { OperatorError } from "../system/operator_error.ts";

/** Something that has a name within a schema. */
export interface Named {
  schema: string;
  name: string;
}

/** Which names an operator means. */
export interface NamePattern {
  /** As it was written. */
  text: string;
  matches(named: Named): boolean;
}

/**
 * Reads a pattern as pg_dump's `--table` takes it: `name`, `schema.name`, `*` and `?`, lower case but for what stands in
 * double quotes. As pg_restore does, a name that is written exactly as it is means that one, whatever its case.
 *
 * @param known The names there are; which of them are written exactly like the pattern is told from these.
 * @throws {OperatorError} `PATTERN_INVALID`
 */
export function readNamePattern(text: string, known: readonly Named[]): NamePattern {
  const isExact = ({ schema, name }: Named) => text === name || text === `${schema}.${name}`;
  if (known.some(isExact)) return { text, matches: isExact };
  const parts = partsOf(text).map((part) => asExpression(text, part));
  if (parts.length > 2) throw invalid(text, "it has more than a schema and a name");
  const [name, schema] = parts.toReversed();
  return { text, matches: (named) => name.test(named.name) && (schema?.test(named.schema) ?? true) };
}

/** The same of a schema: `--schema`. */
export function readSchemaPattern(text: string, known: readonly string[]): (schema: string) => boolean {
  if (known.includes(text)) return (schema) => schema === text;
  const parts = partsOf(text);
  if (parts.length > 1) throw invalid(text, "a schema lies in no other");
  const expression = asExpression(text, parts[0]);
  return (schema) => expression.test(schema);
}

/** PostgreSQL's src/fe_utils/string_utils.c: patternToSQLRegex. */
function partsOf(text: string): string[] {
  const parts = [""];
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    if (letter === '"') {
      if (isQuoted && text[at + 1] === '"') parts[parts.length - 1] += text[++at];
      else isQuoted = !isQuoted;
    } else if (letter === "." && !isQuoted) parts.push("");
    else if (isQuoted) parts[parts.length - 1] += letter.replace(/[|*+?()[\]{}.^$\\]/, "\\$&");
    else parts[parts.length - 1] += { "*": ".*", "?": ".", "$": "\\$" }[letter] ?? letter.toLowerCase();
  }
  if (isQuoted) throw invalid(text, "a quotation mark has no partner");
  return parts;
}

function asExpression(text: string, part: string): RegExp {
  if (part === "") throw invalid(text, "a name is empty");
  try {
    return new RegExp(`^(?:${part})$`, "s");
  } catch {
    throw invalid(text, "it is no regular expression");
  }
}

function invalid(text: string, why: string): OperatorError {
  return new OperatorError("PATTERN_INVALID", `${text} is not a pattern for names: ${why}.`, {
    fix: "Write it as pg_dump takes it: orders, billing.orders, billing.*, or '\"Orders\"' with its quotation marks.",
  });
}
