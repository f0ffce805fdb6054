const name = `"(?:[^"]|"")+"|[A-Za-z_\\x80-\\xff][\\w$\\x80-\\xff]*`;
const names = `(?:${name})(?: ?, ?(?:${name}))*`;

/** Statements that name roles; each group is one name or several. */
const naming = [
  `^ALTER .* OWNER TO (${name})$`,
  `^(?:GRANT|REVOKE) .* (?:TO|FROM) (?:GROUP )?(${names})(?: WITH [A-Z ,]*?)?(?: GRANTED BY (${name}))?(?: CASCADE| RESTRICT)?$`,
  `^(?:GRANT|REVOKE) (${names}) (?:TO|FROM) ${names}`,
  `^ALTER DEFAULT PRIVILEGES FOR (?:ROLE|USER) (${names}) `,
  `^ALTER DEFAULT PRIVILEGES .* (?:TO|FROM) (?:GROUP )?(${names})(?: WITH GRANT OPTION)?$`,
  `^(?:CREATE|ALTER) POLICY .* TO (${names})(?: USING\\b.*| WITH CHECK\\b.*)?$`,
  `^(?:CREATE|ALTER|DROP) USER MAPPING (?:IF NOT EXISTS |IF EXISTS )?FOR (${name}) `,
  `^SET (?:SESSION |LOCAL )?SESSION AUTHORIZATION '?(${name})'?$`,
  `^SET (?:SESSION |LOCAL )?ROLE (?:TO |= ?)?'?(${name})'?$`,
  `^CREATE SCHEMA .*\\bAUTHORIZATION (${name})`,
  `^CREATE DATABASE .* OWNER ?=? ?(${name})`,
  `^ALTER ROLE (${name}) `,
  `^(?:COMMENT|SECURITY LABEL .*) ON ROLE (${name}) IS `,
].map((pattern) => new RegExp(pattern, "is"));

/** Words of the language, where they are not quoted. */
const noRoles = new Set(["current_user", "session_user", "current_role", "public", "none", "default", "all", "user"]);

/**
 * Names the roles that a statement needs.
 *
 * @param text As `SqlStatement.text` has it: every byte a character.
 */
export function rolesInStatement(text: string): string[] {
  // Most statements of a big dump are none of these.
  if (
    !/^(?:ALTER|GRANT|REVOKE|CREATE (?:POLICY|SCHEMA|USER|DATABASE)|DROP USER|SET |COMMENT ON ROLE|SECURITY)/i.test(
      text,
    )
  ) {
    return [];
  }
  const found = naming.flatMap((pattern) => pattern.exec(text)?.slice(1) ?? []).filter(Boolean);
  return found.flatMap((list) => list.match(new RegExp(name, "g")) ?? [])
    .filter((role) => !noRoles.has(role.toLowerCase()))
    .map(unquoted);
}

/** The role that a statement makes, if it makes one. */
export function roleMadeBy(text: string): string | undefined {
  const made = new RegExp(`^CREATE (?:ROLE|USER|GROUP) (?!MAPPING )(${name})`, "i").exec(text)?.[1];
  return made === undefined ? undefined : unquoted(made);
}

/** A name as Postgres takes it: folded where it is not quoted, and as UTF-8. */
export function unquoted(name: string): string {
  const plain = name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name.toLowerCase();
  const bytes = Uint8Array.from(plain, (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}
