import { hideLiterals } from "./redact_statements.ts";

/** Where another part of what a server or a tool said begins. */
const nextPart =
  /^(?=.{0,300}?\b(?:DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|ERROR|WARNING|NOTICE|FATAL|PANIC|LOG|INFO): {1,2}|Command was: |pg_\w+: |psql:)/m;

/** Messages that end with a value that the server, or libpq, could not read. */
const unreadable =
  /\b(invalid input (?:syntax|value) for [^"]*?(?:"(?:[^"]|"")*")?|malformed \w+ literal|(?:[\w/]+ field value|time zone displacement|interval) out of range|invalid \w+ value|invalid (?:hexadecimal digit|port number|percent-encoded token|URI query parameter)|(?:syntax error|no operand) in ts\w+|in percent-encoded value|in URI(?: \([^)]*\))?): "[^]*"/;

/** Values in the middle of a message. */
const amidst =
  /(\b(?:time zone|unit|invalid value|missing "=" after|unexpected spaces found in) |(?<=^|[:\s])(?=(?:"[^"]*") is (?:out of range|not a valid)))"[^"]*"(?= not recognized| not supported| for "| in connection info string|, use percent-encoded| is out of range| is not a valid)/g;

/** What the parser stopped at: a literal, or all the rest. Other words are kept. */
const stoppedAt =
  /(\bunterminated [\w -]+ at or near "|\bat or near "(?=['$0-9]|[EeUuNnBbXx]&?'))[^]*?(?:"(?=\s*\nLINE \d+:)|"(?=\s*$)|$)/;

/** Lines of a COPY behind their command. */
const copied = /(\bFROM stdin;\n)(?=\s*\S)[^]*?(?=\n\\\.|\n*$)/i;

/**
 * Returns the text with `***` for the rows that it quotes: the row that violates a constraint, the key that is there
 * twice, the line that COPY could not read. Column names and line numbers stay.
 *
 * Whatever the server's language, details and contexts have one form; their labels are the client's, who speaks English.
 */
export function redactRows(text: string): string {
  return text.split(nextPart).map(redactPart).join("");
}

function redactPart(part: string): string {
  const isDetail = /^.*\bDETAIL: {1,2}/.test(part);
  if (isDetail || /\b(?:[Ff]ailing row contains|Key) \(/.test(part)) return redactDetail(part);
  if (/\bCONTEXT: {1,2}/.test(part) || /\bCOPY .*, line \d+/.test(part)) return redactContext(part);
  return redactForeign(part)
    .replace(unreadable, '$1: "***"')
    .replace(amidst, '$1"***"')
    .replace(stoppedAt, '$1***"')
    .replace(copied, "$1***")
    .replace(/\b(value )"[^"]*"( is out of range)/g, '$1"***"$2');
}

/** What other languages quote with: `»x«`, `« x »`, `>>x<<`. */
const quoted = /(»|«\s?|„|「|>>(?!\s))([^»«“”「」\n]*?)(«|\s?»|“|”|」|(?<!\s)<<)/g;
/** What a server says, and not what a database holds. */
const saidByServer = /(?:^|\s)\p{Lu}{4,}: {1,2}\S|\(SQLSTATE \w{5}\)/u;
const name = /^[\p{L}_][\p{L}\p{N}_$.]*$/u;

/**
 * In another language it is unknown which message it is. There, too, a value that the server could not read ends its
 * message, and what is quoted before and looks like a name is one.
 */
function redactForeign(part: string): string {
  if (!saidByServer.test(part)) return part;
  return part
    .replace(
      quoted,
      (whole, open: string, inside: string, close: string, at: number) =>
        name.test(inside) && !/: ?$/.test(part.slice(0, at)) ? whole : `${open}***${close}`,
    )
    .replace(/^(.*[^\p{ASCII}].*: ?)"[^]*"((?: \(SQLSTATE \w{5}\)\.)?\n*)$/u, '$1"***"$2');
}

/** `Key (a, b)=(1, 2) conflicts with existing key (a, b)=(1, 2).`, `Failing row contains (1, 2).` */
function redactDetail(part: string): string {
  if (/\) ?= ?\(/.test(part)) {
    const [, before, after] = /^([^]*?\) ?= ?)\([^]*\)([^]*)$/.exec(part) ?? [];
    if (before === undefined) return part.replace(/(\) ?= ?\()[^]*/, "$1***");
    const both = / conflicts with existing key \([^]*?\)=\(/.exec(part);
    return both ? `${before}(***)${both[0]}***)${after}` : `${before}(***)${after}`;
  }
  const xml = /^[^\n]*\bline \d+: [^\n]*\n(?=[^]*\^)/.exec(part)?.[0]; // with the text that is no XML
  if (xml !== undefined) return `${xml}***${/\n*$/.exec(part)![0]}`;
  const found = /\b(?:but found|Token|Escape sequence) "/.exec(part);
  if (found) return `${part.slice(0, found.index + found[0].length)}***${/"[^"]*$/.exec(part)?.[0] ?? ""}`;
  const [, before, after] = /^([^]*? )\([^]*\)([^]*)$/.exec(part) ?? [];
  if (before !== undefined) return `${before}(***)${after}`;
  return part.replace(/ \([^]*/, " (***").replace(/"[^"]*"(?= is invalid)/g, '"***"');
}

/** `COPY t, line 1, column a: "x"`, `JSON data, line 1: …`, `SQL statement "INSERT …"`, `unnamed portal parameter $1 = 'x'`. */
function redactContext(part: string): string {
  const ending = /\n*$/.exec(part)![0];
  return hideLiterals(part.replace(/^([^]*?\b(?:COPY|JSON) .*?, \p{L}+ \d+[^:\n]*: ?)[^]*$/u, `$1***${ending}`));
}
