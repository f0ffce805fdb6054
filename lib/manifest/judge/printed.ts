/**
 * SQL that a server prints from what it parsed, and that it may print otherwise once it has parsed that again.
 *
 * What its names mean is told with it, so that the server can be asked.
 */
export type Printed =
  /** What a view selects. */
  | { kind: "query"; sql: string }
  /** An expression over the columns of a FROM clause, or of none. */
  | { kind: "expression"; sql: string; from?: string }
  /** A whole CREATE RULE, up to its semicolon. */
  | { kind: "rule"; sql: string }
  /** A whole CREATE FUNCTION or PROCEDURE whose body is SQL that was parsed when it was made. */
  | { kind: "routine"; sql: string }
  /** An ICU locale, as a literal. */
  | { kind: "locale"; sql: string };

/** A definition taken apart: what the server printed of expressions and queries, and all the rest. */
export interface Parts {
  /** The definition with a mark where each printed piece was. */
  frame: string;
  printed: Printed[];
}
