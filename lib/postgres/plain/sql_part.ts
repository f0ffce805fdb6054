/** A piece of a plain SQL dump, in the order of the file. */
export type SqlPart =
  | SqlStatement
  /** Rows of a COPY … FROM stdin, unchanged, in pieces of any size. */
  | { kind: "data"; bytes: Uint8Array }
  /** The line `\.`, which is in no piece of data. */
  | { kind: "data_end" }
  | PsqlCommand
  /** A comment of one line between statements: `-- PostgreSQL database dump`. */
  | { kind: "comment"; text: string }
  /** What pg_dump said on stderr, where both went into one file. */
  | { kind: "message"; text: string };

export interface SqlStatement {
  kind: "statement";
  /** Its text in the file, without what ends it. */
  bytes: Uint8Array;
  /**
   * For recognising it: one blank for every space and comment, long values and function bodies cut, and every byte a
   * character. Of a very long statement, its beginning.
   */
  text: string;
  /** Where it begins, from 1. */
  line: number;
  /** Whether rows follow in the file. */
  isCopy: boolean;
  /** How the strings of the next statement are to be read, as far as this one says. */
  standardStrings: boolean;
}

/** What psql would obey: a backslash outside of every string, name, comment and row. */
export interface PsqlCommand {
  kind: "command";
  /** Up to the end of its line. */
  text: string;
  line: number;
  /** Whether its line holds nothing else, and no statement is unfinished. */
  isAlone: boolean;
}
