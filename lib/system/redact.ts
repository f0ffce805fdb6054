import { redactRows } from "./redact_rows.ts";
import { redactStatements } from "./redact_statements.ts";

/**
 * Keeps secrets out of everything that leaves the process.
 *
 * Passwords are registered as soon as they are known; text that comes from outside (a tool's stderr, the server's or the
 * driver's message) goes through {@linkcode redact} before it is shown or stored. What statements say to other servers,
 * and rows that the server quotes, are secrets that were not registered: they are known by their place.
 */
const secrets = new Set<string>();
const names = new Set<string>();
let hidings: ((text: string) => string)[] | undefined;

/** Words of pgrehearse's messages: who takes one for a password keeps nothing secret, and would read nothing. */
const words = new Set(
  ("admin backup cluster database digest drill dump evidence exact fail file localhost manifest pass password pgrehearse " +
    "postgres postgresql public restore restored role root schema secret sequence server smoke store table template0 " +
    "template1 test unknown user verdict").split(" "),
);

/** A value this short is in every other word. */
const shortest = 5;
/** One this long is nowhere by chance. */
const distinctive = 8;

/** Registers a value that must never be shown. Empty values are ignored. */
export function registerSecret(value: string | undefined): void {
  if (!value) return;
  secrets.add(value);
  secrets.add(encodeURIComponent(value));
  hidings = undefined;
}

/** Registers the name of a database, role or host: messages need it, although a password may be the same. */
export function registerName(value: string): void {
  names.add(value);
  hidings = undefined;
}

/** What else a text may hold. */
interface Redaction {
  /**
   * The operator asked for rows: a check that says `show` does.
   * @default {false}
   */
  mayShowRows?: boolean;
}

/**
 * Returns the text with `***` in the place of every registered secret, of everything that looks like a password in a URL,
 * a conninfo or a statement, and of rows.
 */
export function redact(text: string, { mayShowRows = false }: Redaction = {}): string {
  let redacted = text
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s:/@?#]*):[^\s/?#]*@/gi, "$1:***@")
    // Not encoded as it should be.
    .replace(/(\bpostgres(?:ql)?:\/\/[^\s:/@?#]*):(?!\*\*\*@|\d+(?:[/?#,]|$))[^\s"'<>,]*@/gi, "$1:***@")
    .replace(/(\bhost(?: name)? ")[^"\s]*@(?=[^"@]*")/gi, "$1***@")
    .replace(/([?&][\w%]*%[0-9a-f]{2}[\w%]*=)[^&\s"'<>]+/gi, hideIfPassword)
    .replace(
      /(["']?(?:pass(?:word|wd|phrase)|pwd|secret|token)["']?\s*(?::|=>)\s*)"(?:[^"\\]|\\.)*"/gi,
      '$1"***"',
    )
    .replace(
      /\b(password|sslpassword|PGPASSWORD|PGSSLPASSWORD)(\s*=\s*)(''[^']*''|\\'[^']*'|'(?:[^'\\]|\\.)*'|"[^"\n]*"|[^\s&'"]+)/gi,
      "$1$2***",
    )
    // In prose: what follows the colon is taken for the secret, whatever it is.
    .replace(/(?<![\w-])(pass(?:word|wd|phrase)|pwd|secret|token)(:[ \t]+)(?![*"'])[^\s,;"']+/gi, "$1$2***")
    // A piece of a connection string, or the name of an option: it may hold a password by mistake.
    .replace(
      /\b(missing "=" after |invalid percent-encoded token: |invalid URI query parameter: |forbidden value %00 in percent-encoded value: |invalid (?:connection )?option )"[^"\n]*"/gi,
      '$1"***"',
    )
    .replace(/\b(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s"'<]+/gi, "$1***"); // in presigned URLs
  redacted = redactStatements(redacted);
  if (!mayShowRows) redacted = redactRows(redacted);
  // The longest first: a secret may contain another one.
  hidings ??= [...secrets].sort((a, b) => b.length - a.length).map(hidingOf);
  for (const hide of hidings) redacted = hide(redacted);
  return redacted;
}

/** A parameter whose name is percent-encoded. */
function hideIfPassword(parameter: string, name: string): string {
  try {
    return /password=$/i.test(decodeURIComponent(name)) ? `${name}***` : parameter;
  } catch {
    return parameter;
  }
}

function hidingOf(secret: string): (text: string) => string {
  const isLikeness = secret.length < shortest || words.has(secret.toLowerCase()) || names.has(secret);
  if (!isLikeness && secret.length >= distinctive) return (text) => text.replaceAll(secret, "***");
  const literal = RegExp.escape(secret);
  // Not as a part of a longer word, but after an escape as in "\n".
  const before = /^\w/.test(secret) ? String.raw`(?<![A-Za-z0-9_])|(?<=\\[bfnrt])` : "";
  const after = /\w$/.test(secret) ? "(?![A-Za-z0-9_])" : "";
  if (!isLikeness) {
    const standing = new RegExp(`${before && `(?:${before})`}${literal}${after}`, "g");
    return (text) => text.replace(standing, "***");
  }
  const named = new RegExp(
    String
      .raw`((?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|[_-]key)["']?\s*(?:[:=]|=>|\s)\s*["']?)${literal}${after}`,
    "gi",
  );
  return (text) => text.replace(named, "$1***");
}

/** The same for every string in a document; its keys stay. */
export function redactDocument<T>(document: T, redaction: Redaction = {}): T {
  if (typeof document === "string") return redact(document, redaction) as T;
  if (Array.isArray(document)) return document.map((each) => redactDocument(each, redaction)) as T;
  if (typeof document !== "object" || document === null) return document;
  const entries = Object.entries(document).map(([key, value]) => [key, redactDocument(value, redaction)]);
  return Object.fromEntries(entries) as T;
}
