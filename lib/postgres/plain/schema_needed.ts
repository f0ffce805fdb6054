const name = `"(?:[^"]|"")+"|[A-Za-z_\\x80-\\xff][\\w$\\x80-\\xff]*`;

const making = new RegExp(
  "^CREATE (?:OR REPLACE )?(?:UNLOGGED |FOREIGN |MATERIALIZED |TRUSTED )*" +
    "(?:TABLE|VIEW|SEQUENCE|FUNCTION|PROCEDURE|AGGREGATE|TYPE|DOMAIN|COLLATION|TEXT SEARCH [A-Z]+) (?:IF NOT EXISTS )?" +
    `(${name}) ?\\. ?(?:${name})`,
  "i",
);
const extension = new RegExp(`^CREATE EXTENSION .* SCHEMA (${name})(?: |$)`, "i");
const schema = new RegExp(`^CREATE SCHEMA (?:IF NOT EXISTS )?(${name})`, "i");

/**
 * The schema that a statement makes an object in, as it names it. A dump of single tables (`pg_dump --table`) makes none
 * of those that they lie in.
 *
 * @param text As `SqlStatement.text` has it.
 */
export function schemaNeeded(text: string): string | undefined {
  return making.exec(text)?.[1] ?? extension.exec(text)?.[1];
}

/** The schema that a statement makes. */
export function schemaMadeBy(text: string): string | undefined {
  return schema.exec(text)?.[1];
}
