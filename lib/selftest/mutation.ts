/** One way to break a restored copy, and what the comparison must say of it. */
export interface Mutation {
  name: string;
  /** Statements for a transaction that is rolled back. Its search path is `shop, public`, and no trigger fires. */
  sql: string;
  /**
   * All that must be found, and nothing else; the first names what was broken.
   *
   * `CODE object`, or of a definition `~ kind identity` changed, `-` gone, `+` new.
   */
  told: string[];
  /** What the server must have for it: an extension, `icu`, `xml`, or `PostgreSQL 15` for that version or a newer one. */
  needs?: string;
}

/** Writes what a mutation must tell as `CODE object`. */
export function expectedFinding(told: string): string {
  const [, sign, kind, identity] = /^([~+-]) (\w+) (.*)$/s.exec(told) ?? [];
  if (!sign) return told;
  const codes = {
    "~": "DEFINITION_DIFFERS",
    "-": `${kind.toUpperCase()}_MISSING`,
    "+": `${kind.toUpperCase()}_UNEXPECTED`,
  };
  return `${codes[sign as keyof typeof codes]} ${identity}`;
}
