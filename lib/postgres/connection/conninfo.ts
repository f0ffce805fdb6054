import { parseConnectionUrl } from "./conninfo_url.ts";
import { badConnectionString, type KeywordValues, toKeyword } from "./libpq_keywords.ts";

const HOW_TO_WRITE = "Write it as postgres://user@host:5432/dbname or as 'host=… port=… dbname=… user=…'.";

/**
 * Parses a connection string as libpq does: a postgres:// or postgresql:// URL, or `keyword=value` pairs.
 *
 * Values are not judged here, only the string's form and its keywords; of a keyword given twice the last one counts.
 *
 * @throws {OperatorError} BAD_DB_URL, in words that hold nothing of the string: any part of it may be the password.
 */
export function parseConnectionString(text: string): KeywordValues {
  if (text.trim() === "") throw badConnectionString("The connection string is empty.", HOW_TO_WRITE);
  if (/^postgres(ql)?:\/\//.test(text)) return parseConnectionUrl(text);
  if (/^\s*[A-Za-z][A-Za-z0-9+.:-]*:\/\//.test(text)) {
    throw badConnectionString(
      "The connection URL does not start with postgres:// or postgresql://.",
      HOW_TO_WRITE,
    );
  }
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
    if (text[at] !== "=") {
      throw badConnectionString(
        `The connection string is no URL, and its keyword ${pair} is not followed by "=".`,
        HOW_TO_WRITE + " Quote a value that holds blanks: 'it\\'s one value'.",
      );
    }
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
  throw badConnectionString(
    "A quoted value in the connection string does not end.",
    "Close it with '; inside a quoted value write ' as \\' and \\ as \\\\.",
  );
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && /[ \t\n\r\v\f]/.test(character);
}
