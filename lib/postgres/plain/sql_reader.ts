import { Buffer } from "node:buffer";
import { dumpUnreadable } from "../../system/findings.ts";
import { findCopyRowsEnd } from "./copy_rows_end.ts";
import type { SqlPart, SqlStatement } from "./sql_part.ts";

/** Takes a dump apart, piece by piece of the file. */
interface SqlReader {
  read(bytes: Uint8Array, isLast: boolean): Generator<SqlPart, void>;
  /** Where the file has ended too early, if it has: within what. */
  isWithin(): string | undefined;
}

type Mode = "sql" | "string" | "escape_string" | "name" | "body" | "block_comment" | "rest_of_line" | "data";

const longestTextLength = 256 * 1024;
const longestValueLength = 1000;
const longestTokenBytes = 64 * 1024 * 1024;
/** What a server takes at once. */
const longestStatementBytes = 1024 ** 3 - 16;

const blanks = /[ \t\n\r\f\v]+/y;
const word = /[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*/y;
const number = /\d+(?:\.\d*)?(?:[eE][+-]?\d+)?/y;
const parameter = /\$\d+/y;
const bodyDelimiter = /\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$/y;
const unfinishedDelimiter = /\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?$/y;
const lineComment = /--[^\n\r]*/y;
/** In these a character's second byte can be a backslash. */
const doubleByteEncoding =
  /^'?(?:sjis|shift_?jis(?:_?2004)?|mskanji|win932|windows932|big5|gbk|win936|uhc|win949|gb18030|johab)\b/i;

/**
 * Makes a reader for one dump.
 *
 * It follows psql's own scanner (src/fe_utils/psqlscan.l): strings with and without escapes, names, function bodies,
 * nested comments, `BEGIN ATOMIC … END`, and the rows of a COPY up to `\.`. What is not a statement, a row or a comment
 * is a command for psql; none is obeyed here.
 *
 * @throws {OperatorError} `DUMP_UNREADABLE`, from `read`: what no Postgres takes.
 */
export function makeSqlReader(): SqlReader {
  let mode: Mode = "sql";
  let held: Buffer = Buffer.alloc(0);
  let line = 1;
  /** Nothing but blanks so far in this line. */
  let isLineEmpty = true;
  let standardStrings = true;
  let isDoubleByte = false;

  let pieces: Uint8Array[] = [];
  let pieceBytes = 0;
  let statementLine = 0;
  let text = "";
  let parenthesisDepth = 0;
  let atomicDepth = 0;
  let keywords: string[] = [];
  let valueLength = 0;
  let delimiter = "";
  let commentDepth = 0;
  /** After a string with escapes, a string on another line continues it. */
  let continuesEscapes: "no" | "same_line" | "yes" = "no";
  let atLineStart = true;

  const isInStatement = () => statementLine > 0;

  function note(token: string): void {
    if (text.length < longestTextLength) text += token;
  }

  function noteValue(token: string): void {
    if (valueLength < longestValueLength) note(token.slice(0, longestValueLength - valueLength));
    valueLength += token.length;
  }

  function keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    pieceBytes += bytes.length;
    if (pieceBytes > longestStatementBytes) {
      throw dumpUnreadable.sql.error({ what: "a statement of more than 1 GiB", line: statementLine });
    }
    pieces.push(bytes);
  }

  function* read(chunk: Uint8Array, isLast: boolean): Generator<SqlPart, void> {
    const bytes = held.length === 0
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : Buffer.concat([held, chunk]);
    const all = bytes.toString("latin1");
    let at = 0;
    /** Where the unfinished statement goes on in these bytes. */
    let from = 0;

    let newline = all.indexOf("\n");
    const nextNewline = () => {
      while (newline >= 0 && newline < at) newline = all.indexOf("\n", newline + 1);
      return newline < 0 ? all.length : newline;
    };

    /** Moves on, past whole lines where there are some. */
    function moveTo(end: number): void {
      for (let next = nextNewline(); next < end; next = nextNewline()) {
        line++;
        isLineEmpty = true;
        at = next + 1;
      }
      at = end;
    }

    function begin(): void {
      isLineEmpty = false;
      if (isInStatement()) return;
      statementLine = line;
      from = at;
    }

    function matchAt(pattern: RegExp): string | undefined {
      pattern.lastIndex = at;
      return pattern.exec(all)?.[0];
    }

    function endStatement(end: number): SqlStatement {
      keep(bytes.subarray(from, end));
      const statement = Buffer.concat(pieces);
      if (statement.includes(0)) throw dumpUnreadable.sql.error({ what: "a zero byte", line: statementLine });
      const setting = /^SET (?:SESSION |LOCAL )?(standard_conforming_strings|client_encoding) ?(?:=|TO ) ?(\S+)/i.exec(
        text,
      );
      if (setting?.[1].toLowerCase() === "client_encoding") isDoubleByte = doubleByteEncoding.test(setting[2]);
      else if (setting) standardStrings = /^'?(on|true|yes|1)\b/i.test(setting[2]);
      const isCopy = /^COPY\b/i.test(text) &&
        /\bFROM\s+STDIN\b/i.test(text.replace(/'[^']*'/g, "''").replace(/"[^"]*"/g, '""'));
      const ended: SqlStatement = {
        kind: "statement",
        bytes: statement,
        text: text.trim(),
        line: statementLine,
        isCopy,
        standardStrings,
      };
      [pieces, pieceBytes, statementLine, text, keywords] = [[], 0, 0, "", []];
      [parenthesisDepth, atomicDepth, continuesEscapes] = [0, 0, "no"];
      return ended;
    }

    /** `BEGIN ATOMIC` bodies hold semicolons; CASE has an END as well. */
    function noteKeyword(token: string): void {
      if (keywords.length < 4) keywords.push(token.toLowerCase());
      const [first, second, third, fourth] = keywords;
      const made = second === "or" && third === "replace" ? fourth : second;
      if (first !== "create" || (made !== "function" && made !== "procedure") || parenthesisDepth > 0) return;
      if (/^begin$/i.test(token)) atomicDepth++;
      else if (atomicDepth > 0 && /^case$/i.test(token)) atomicDepth++;
      else if (atomicDepth > 0 && /^end$/i.test(token)) atomicDepth--;
    }

    function startString(escapes: boolean): void {
      mode = escapes ? "escape_string" : "string";
      valueLength = 0;
      noteValue("'");
      continuesEscapes = "no";
    }

    reading: while (at < all.length) {
      const left = all.length - at;
      if (mode === "sql") {
        if (left < 4 && !isLast) break;
        const character = all[at];
        const space = matchAt(blanks);
        if (space) {
          if (continuesEscapes === "same_line" && /[\n\r]/.test(space)) continuesEscapes = "yes";
          if (isInStatement() && !text.endsWith(" ")) note(" ");
          moveTo(at + space.length);
          continue;
        }
        const comment = character === "-" ? matchAt(lineComment) : undefined;
        if (comment !== undefined) {
          if (comment.length === left && !isLast) break;
          if (!isInStatement()) yield { kind: "comment", text: comment };
          else if (!text.endsWith(" ")) note(" ");
          isLineEmpty = false;
          at += comment.length;
          continue;
        }
        if (character === "\\") {
          const end = nextNewline();
          if (end === all.length && !isLast) break;
          const command = all.slice(at, end).trimEnd();
          yield { kind: "command", text: command, line, isAlone: isLineEmpty && !isInStatement() };
          isLineEmpty = false;
          at = end;
          continue;
        }
        if (character === "'") {
          begin();
          startString(!standardStrings || continuesEscapes === "yes");
          at++;
          continue;
        }
        if (character === ";" && parenthesisDepth === 0 && atomicDepth === 0) {
          isLineEmpty = false;
          if (isInStatement()) {
            const statement = endStatement(at);
            if (statement.isCopy) mode = "rest_of_line";
            yield statement;
          }
          at++;
          continue;
        }
        const name = matchAt(word);
        if (name !== undefined) {
          if (name.length === left && !isLast) break;
          if (/^pg_dump(?:all)?$/.test(name) && isLineEmpty && !isInStatement() && all[at + name.length] === ":") {
            const end = nextNewline();
            if (end === all.length && !isLast) break;
            yield { kind: "message", text: all.slice(at, end).trimEnd() };
            isLineEmpty = false;
            at = end;
            continue;
          }
          begin();
          const next = all[at + name.length];
          if (name.length === 1 && next === "'" && /[eE]/.test(name)) {
            note(name);
            startString(true);
            at += 2;
            continue;
          }
          if (/^[uU]$/.test(name) && next === "&" && all[at + 2] === "'") {
            note("U&");
            startString(false); // its escapes never hide a quote
            at += 3;
            continue;
          }
          noteKeyword(name);
          note(name);
          continuesEscapes = "no";
          at += name.length;
          continue;
        }
        begin();
        continuesEscapes = "no";
        if (character === '"') {
          mode = "name";
          valueLength = 0;
          noteValue('"');
          at++;
          continue;
        }
        if (character === "/" && all[at + 1] === "*") {
          if (isInStatement() && from === at && pieceBytes === 0) statementLine = 0;
          mode = "block_comment";
          commentDepth = 1;
          at += 2;
          continue;
        }
        if (character === "$") {
          const argument = matchAt(parameter);
          const opened = argument === undefined ? matchAt(bodyDelimiter) : undefined;
          if (argument === undefined && opened === undefined && !isLast && matchAt(unfinishedDelimiter)) break;
          if (opened !== undefined) {
            mode = "body";
            delimiter = opened;
            note("$$");
            at += opened.length;
            continue;
          }
        }
        const digits = matchAt(number);
        if (digits && digits.length === left && !isLast) break;
        if (character === "(") parenthesisDepth++;
        if (character === ")" && parenthesisDepth > 0) parenthesisDepth--;
        const token = digits ?? character;
        note(token);
        at += token.length;
        continue;
      }
      switch (mode) {
        case "string":
        case "name": {
          const quote = mode === "string" ? "'" : '"';
          const found = all.indexOf(quote, at);
          const end = found < 0 ? all.length : found + 1;
          noteValue(all.slice(at, Math.min(end, at + longestValueLength)));
          if (found >= 0) {
            if (valueLength >= longestValueLength) note(quote);
            mode = "sql";
          }
          moveTo(end);
          isLineEmpty = false;
          break;
        }
        case "escape_string": {
          const pattern = isDoubleByte ? /(?:[\x81-\xfe][^]|[^'\\\x81-\xfe])*/y : /[^'\\]*/y;
          pattern.lastIndex = at;
          let end = at + pattern.exec(all)![0].length;
          const isOpen = end + 1 === all.length; // a quote may be doubled, a character have its other half to come
          if (isOpen && !isLast) {
            if (end === at) break reading;
          } else if (end < all.length && /[\x81-\xfe]/.test(all[end])) end++;
          else if (all[end] === "\\" || all[end + 1] === "'") end = Math.min(end + 2, all.length);
          else if (end < all.length) {
            end++;
            mode = "sql";
            continuesEscapes = "same_line";
          }
          if (end === at) break reading;
          noteValue(all.slice(at, Math.min(end, at + longestValueLength)));
          if (mode === "sql" && valueLength >= longestValueLength) note("'");
          moveTo(end);
          isLineEmpty = false;
          break;
        }
        case "body": {
          const found = all.indexOf(delimiter, at);
          let end = found < 0 ? all.length : found + delimiter.length;
          if (found >= 0) mode = "sql";
          else if (!isLast) end = Math.max(at, all.length - delimiter.length + 1);
          if (end === at) break reading;
          moveTo(end);
          isLineEmpty = false;
          break;
        }
        case "block_comment": {
          if (left < 2 && !isLast) break reading;
          const mark = /\/\*|\*\//g;
          mark.lastIndex = at;
          const found = mark.exec(all);
          let end = found ? found.index + 2 : isLast ? all.length : all.length - 1;
          if (found) commentDepth += found[0] === "/*" ? 1 : -1;
          if (found && commentDepth === 0) {
            mode = "sql";
            if (isInStatement()) note(" ");
          }
          if (end === at) end = all.length;
          moveTo(end);
          isLineEmpty = false;
          break;
        }
        case "rest_of_line": {
          const end = nextNewline();
          if (end === all.length && !isLast) break reading;
          if (!/^\s*(--.*)?$/.test(all.slice(at, end))) {
            throw dumpUnreadable.sql.error({ what: "more after a COPY in the same line", line });
          }
          moveTo(Math.min(end + 1, all.length));
          isLineEmpty = true;
          mode = "data";
          atLineStart = true;
          break;
        }
        case "data": {
          const { end, terminator } = findCopyRowsEnd(all, at, isLast, atLineStart);
          if (end > at) {
            yield { kind: "data", bytes: bytes.subarray(at, end) };
            atLineStart = all[end - 1] === "\n";
            moveTo(end);
          }
          if (terminator > 0) {
            moveTo(at + terminator);
            isLineEmpty = true;
            mode = "sql";
            yield { kind: "data_end" };
          } else if (!isLast) break reading;
          break;
        }
      }
    }

    if (isInStatement()) keep(bytes.subarray(from, at));
    held = bytes.subarray(at);
    if (held.length > longestTokenBytes) {
      throw dumpUnreadable.sql.error({ what: "a word or comment of more than 64 MiB", line });
    }
    // psql also runs a last statement without a semicolon.
    if (isLast && isInStatement() && mode === "sql" && parenthesisDepth === 0 && atomicDepth === 0) {
      from = bytes.length;
      yield endStatement(bytes.length);
    }
  }

  return {
    read,
    isWithin() {
      if (mode === "data" || mode === "rest_of_line") return "the rows of a COPY";
      if (mode === "string" || mode === "escape_string") return "a string";
      if (mode === "name") return "a name";
      if (mode === "body") return "a function's body";
      if (mode === "block_comment") return "a comment";
      return isInStatement() ? "a statement" : undefined;
    },
  };
}
