import { anyHint, exampleEnding, secretForms } from "./forms.ts";
import type { TextTable } from "./text_tables.ts";

// All of it runs in the server, and nothing but numbers comes back.

/** Pages whose small values are looked at as one text. */
export const pagesAtOnce = 32;

/** What a page may hold of one value; longer ones are looked at by themselves. */
const smallBytes = 2_000;

/** A function takes 100 arguments at most. */
const mostArguments = 90;

/**
 * Finds the pages of a table in which something looks like a secret: the first of each group of {@linkcode pagesAtOnce}.
 *
 * An expression with many alternatives costs far more to set up than to run on, and that is done anew for each value: so
 * the values of many rows are joined first. On rows of 120 characters that is six times as fast.
 *
 * Takes the first page and the one after the last.
 */
export function suspectPagesQuery({ from, columns }: TextTable): string {
  const small = columns.map(({ stored, text }) =>
    `CASE WHEN pg_catalog.pg_column_size(${stored}) <= ${smallBytes} THEN ${text} END`
  );
  const large = columns.map(({ stored, text }) =>
    `coalesce(CASE WHEN pg_catalog.pg_column_size(${stored}) > ${smallBytes} THEN ${text} ~ ${
      quoted(anyHint)
    } END, false)`
  );
  return `
    SELECT g.page
    FROM pg_catalog.generate_series($1::pg_catalog.int8, $2::pg_catalog.int8 - 1, ${pagesAtOnce}) AS g (page)
    CROSS JOIN LATERAL (
      SELECT pg_catalog.string_agg(${joined(small)}, E'\\n') AS small, pg_catalog.bool_or(${
    large.join(" OR ")
  }) AS large
      FROM ${from}
      WHERE ${isInPages}
      OFFSET 0
    ) AS pages
    WHERE pages.large OR pages.small COLLATE pg_catalog."C" ~ ${quoted(anyHint)}`;
}

/**
 * Counts the values that hold a secret, by column and form (both by place).
 *
 * @param pages Whether it takes pages that {@linkcode suspectPagesQuery} found, as a JSON array; else it reads the whole table.
 * @param allow SHA-256 of allowed secrets, in hex.
 */
export function secretsQuery(
  { from, columns }: TextTable,
  { pages, allow }: { pages: boolean; allow: readonly string[] },
): string {
  const texts = columns.map(({ text }, place) => `(${place}, ${text})`);
  const forms = secretForms.map(({ words, pattern, isJwt = false }, place) =>
    `(${place}, ARRAY[${words.map((word) => quoted(`%${word.replaceAll("_", "\\_")}%`))}], ${
      quoted(pattern)
    }, ${isJwt})`
  );
  // The words are looked for first: on one value by itself they cost less than a hint.
  const values = `SELECT v.place, v.text FROM ${from} CROSS JOIN LATERAL (VALUES ${texts}) AS v (place, text)`;
  return `
    SELECT v.place AS column_place, f.place AS form_place, pg_catalog.count(*) AS count
    FROM ${
    pages
      ? `pg_catalog.json_array_elements_text($1::pg_catalog.text::pg_catalog.json) AS g (page_text)
      CROSS JOIN LATERAL (SELECT g.page_text::pg_catalog.int8 AS page OFFSET 0) AS p
      CROSS JOIN LATERAL (${values} WHERE ${isInPages.replaceAll("g.page", "p.page")} OFFSET 0) AS v`
      : `(${values}) AS v`
  }
    JOIN (VALUES ${forms}) AS f (place, words, pattern, is_jwt) ON v.text LIKE ANY (f.words)
    WHERE EXISTS (
      SELECT FROM pg_catalog.regexp_matches(v.text, f.pattern, 'g') AS m (groups)
      WHERE (NOT f.is_jwt OR ${isJwt("m.groups[1]")}) AND m.groups[1] !~ ${quoted(exampleEnding)}
        ${allow.length > 0 ? `AND ${digest("m.groups[1]")} NOT IN (${allow.map(quoted)})` : ""}
    )
    GROUP BY 1, 2`;
}

const isInPages = "t.ctid >= pg_catalog.format('(%s,0)', g.page)::pg_catalog.tid " +
  `AND t.ctid < pg_catalog.format('(%s,0)', g.page + ${pagesAtOnce})::pg_catalog.tid`;

/** Whether a JWT's first part is JSON that names an algorithm. */
function isJwt(jwt: string): string {
  const header = `pg_catalog.translate(pg_catalog.split_part(${jwt}, '.', 1), '-_', '+/')`;
  const length = `pg_catalog.length(${header})`;
  // What cannot be base64 would be an error.
  return `CASE WHEN ${length} % 4 <> 1 THEN pg_catalog.encode(pg_catalog.decode(
    pg_catalog.rpad(${header}, (${length} + 3) / 4 * 4, '='), 'base64'), 'escape') ~ '"alg"[[:space:]]*:' END`;
}

/** In JSON the lines of a key end in \n. */
function digest(secret: string): string {
  return `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
    pg_catalog.replace(${secret}, '\\n', E'\\n'), 'UTF8')), 'hex')`;
}

function joined(expressions: string[]): string {
  if (expressions.length <= mostArguments) return `pg_catalog.concat_ws(E'\\n', ${expressions.join(", ")})`;
  const groups = Array.from(
    { length: Math.ceil(expressions.length / mostArguments) },
    (_, group) => expressions.slice(group * mostArguments, (group + 1) * mostArguments),
  );
  return joined(groups.map(joined));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
