// A literal, an identifier or a dollar-quoted text, or the beginning of one that was cut off.
const escaped = String.raw`\b[Ee]'(?:[^'\\]|''|\\[^])*(?:'|$)`;
const plain = String.raw`(?:\b[UuNn]&?)?'(?:[^']|'')*(?:'|$)`;
const tag = String.raw`(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?`;
const dollars = String.raw`\$(?<tag>${tag})\$[^]*?(?:\$\k<tag>\$|$)`;
const identifier = String.raw`"(?:[^"]|"")*(?:"|$)`;
const literal = `(?:${escaped}|${plain}|${dollars})`;

const anyLiteral = new RegExp(literal, "g");
/** A literal or a number, but no parameter such as $1. */
const constant = new RegExp(String.raw`'|\$${tag}\$|(?<![\w$])[0-9]`);
const token = new RegExp(`${literal}|${identifier}|[^]`, "y");

/** What may be between two words. */
const gap = String.raw`(?:\s|/\*(?:[^*]|\*(?!/))*\*/|--[^\n]*(?:\n|$))`;
/** The same before a literal, where there need be nothing; but "the password's" begins none. */
const beforeLiteral = String.raw`(?:${gap}+|(?=[$']|[EeUuNn]&?')(?!'s\b))`;

/** `OPTIONS (…)` of servers, user mappings, wrappers and foreign tables: which options are secret, wrappers decide. */
const options = new RegExp(String.raw`\bOPTIONS${gap}*(?=\()`, "gi");
/** Rows of a dump with --inserts. */
const inserted = new RegExp(String.raw`\bINSERT\s+INTO\s+(?:${identifier}|[^'";])*?\bVALUES\s*(?=\()`, "gi");
/** A subscription's. */
const connection = new RegExp(String.raw`\b(CONNECTION${beforeLiteral})${literal}`, "gi");
/** A role's, or an option's alone: the server quotes statements in part. */
const named = new RegExp(
  String
    .raw`((?:\b|_)(?:pass(?:word|wd|phrase|code)?|pwd|secret(?:_?\w+)?|token|credentials?|(?:private|secret|access|api)_?key)"?(?:\s*(?:=>|:=|:)\s*|'\s*,\s*|${beforeLiteral}(?:TO${beforeLiteral})?))${literal}`,
  "gi",
);
/** Where psql shows a line of a statement, or as much of it as fits. */
const excerpt = /^(.*\bLINE \d+: )(.*)$/gm;

/** Returns the text with `***` for what statements in it tell other servers, for passwords, and for rows they insert. */
export function redactStatements(text: string): string {
  return hideParentheses(hideParentheses(text, options), inserted)
    .replace(connection, "$1'***'")
    .replace(named, "$1'***'")
    .replace(
      excerpt,
      (_, line: string, shown: string) => line + (shown.startsWith("...") ? "***" : hideLiterals(shown)),
    );
}

/** Returns SQL with `'***'` for every literal, also one that is cut off. */
export function hideLiterals(sql: string): string {
  return sql.replace(anyLiteral, "'***'");
}

/** Hides what is in parentheses behind each place, and in further ones behind commas, if there is a literal in it. */
function hideParentheses(text: string, places: RegExp): string {
  let shown = "";
  let end = 0;
  for (const { 0: words, index } of text.matchAll(places)) {
    const start = index + words.length;
    if (index < end) continue; // inside the one before
    shown += text.slice(end, start);
    end = endOfLists(text, start);
    const list = text.slice(start, end);
    shown += constant.test(list) ? "(***)" : list;
  }
  return shown + text.slice(end);
}

function endOfLists(text: string, start: number): number {
  let depth = 0;
  for (token.lastIndex = start;;) {
    const found = token.exec(text)?.[0];
    if (found === undefined) return text.length;
    if (found === "(") depth++;
    if (found === ")" && --depth === 0) {
      const comma = /\s*,\s*(?=\()/y;
      comma.lastIndex = token.lastIndex;
      if (!comma.test(text)) return token.lastIndex;
      token.lastIndex = comma.lastIndex;
    }
  }
}
