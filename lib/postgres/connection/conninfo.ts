import { parseConnectionUrl } from "./conninfo_url.ts";
import { badDbUrl } from "./findings/settings.ts";
import { type KeywordValues, toKeyword } from "./libpq_keywords.ts";

/**
 * Parses a connection string as libpq does: a postgres:// or postgresql:// URL, or `keyword=value` pairs.
 *
 * Values are not judged here, only the string's form and its keywords; of a keyword given twice the last one counts.
 *
 * @throws {OperatorError} BAD_DB_URL, in words that hold nothing of the string: any part of it may be the password.
 */
export function parseConnectionString(text: string): KeywordValues {
  if (text.trim() === "") throw badDbUrl.empty.error();
  if (/^postgres(ql)?:\/\//.test(text)) return parseConnectionUrl(text);
  if (/^\s*[A-Za-z][A-Za-z0-9+.:-]*:\/\//.test(text)) throw badDbUrl.anotherScheme.error();
  return parsePairs(text);
}

/** Parses `host=db1 dbname='it''s'`-like pairs; libpq's escape is the backslash, inside quotes and outside. */
function parsePairs(text: string): KeywordValues {
  const values: KeywordValues = {};
  let at = 0;
  const skipBlanks = () => {
    while (isBlank(text[at])) at++;
  };
  for (let pair = 1; skipBlanks(), at < text.length; pair++) {
    const start = at;
    while (at < text.length && text[at] !== "=" && !isBlank(text[at])) at++;
    const word = text.slice(start, at);
    skipBlanks();
    if (text[at] !== "=") throw badDbUrl.withoutEquals.error({ pair });
    at++;
    skipBlanks();
    const { value, end } = text[at] === "'" ? readQuoted(text, at) : readBare(text, at);
    values[toKeyword(word, `keyword ${pair}`)] = value;
    at = end;
  }
  return values;
}

function readBare(text: string, start: number): { value: string; end: number } {
  let value = "";
  let at = start;
  for (; at < text.length && !isBlank(text[at]); at++) {
    if (text[at] === "\\") at++;
    value += text[at] ?? "";
  }
  return { value, end: at };
}

function readQuoted(text: string, start: number): { value: string; end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "'") return { value, end: at + 1 };
    if (text[at] === "\\") at++;
    value += text[at] ?? "";
  }
  throw badDbUrl.unendingQuote.error();
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /[ \t\n\r\v\f]/.test(character);
}
