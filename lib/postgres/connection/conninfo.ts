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

/**
 * Parses `postgresql://[user[:password]@][host[:port][,host[:port]…]][/dbname][?keyword=value[&…]]`, as libpq does.
 *
 * Stricter than libpq in one point: a bare `@` after the credentials is refused. It comes from an unescaped `@` or `/` in
 * the password, and libpq would take the password's rest for a host name and show it in its errors.
 *
 * @throws {OperatorError} BAD_DB_URL.
 */
function parseConnectionUrl(url: string): KeywordValues {
  const values: KeywordValues = {};
  let rest = url.slice(url.indexOf("://") + 3);

  // libpq looks for the credentials' end only up to the first slash.
  const credentials = /^([^@/]*)@/.exec(rest);
  if (credentials) {
    const [user, ...words] = credentials[1].split(":");
    const password = words.join(":");
    if (user !== "") values.user = decode(user);
    if (password !== "") values.password = decode(password);
    rest = rest.slice(credentials[0].length);
  }

  const [, hosts, , database, , parameters] = /^([^/?]*)(\/([^?]*))?(\?(.*))?$/s.exec(rest)!;
  if (hosts.includes("@") || database?.includes("@")) throw badDbUrl.strayAt.error();
  readHosts(hosts, values);
  if (database) values.dbname = decode(database);
  if (parameters !== undefined) readParameters(parameters, values);
  return values;
}

function readHosts(text: string, values: KeywordValues): void {
  const hosts: string[] = [];
  const ports: string[] = [];
  for (const entry of text.split(",")) {
    const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::([^:]*))?$/.exec(entry);
    if (!match) throw badDbUrl.malformedHost.error({ host: hosts.length + 1 });
    hosts.push(decode(match[1] ?? match[2]));
    ports.push(decode(match[3] ?? ""));
  }
  if (hosts.length > 1 || hosts[0] !== "") values.host = hosts.join(",");
  if (ports.length > 1 || ports[0] !== "") values.port = ports.join(",");
}

function readParameters(text: string, values: KeywordValues): void {
  if (text === "") return;
  text.split("&").forEach((parameter, index) => {
    const place = `query parameter ${index + 1}`;
    const [word, value, ...more] = parameter.split("=");
    if (value === undefined || more.length > 0) throw badDbUrl.malformedParameter.error({ place });
    // JDBC's spelling, which libpq takes too.
    if (word === "ssl" && value === "true") values.sslmode = "require";
    else values[toKeyword(decode(word), place)] = decode(value);
  });
}

function decode(text: string): string {
  try {
    const decoded = decodeURIComponent(text);
    if (!decoded.includes("\0")) return decoded;
  } catch {
    // Answered below.
  }
  throw badDbUrl.strayPercent.error();
}
