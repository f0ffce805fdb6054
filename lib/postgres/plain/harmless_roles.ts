import { Buffer } from "node:buffer";

const name = `"(?:[^"]|"")+"|[^\\s";]+`;
const ofRole = new RegExp(`^(CREATE|ALTER)\\s+(?:ROLE|USER|GROUP)\\s+(?!MAPPING\\s)(${name})(?=\\s|$)(.*)$`, "is");
const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|\s+|./gs;
const replaced: Record<string, string> = { superuser: "NOSUPERUSER", login: "NOLOGIN", replication: "NOREPLICATION" };

/** A statement that makes or changes a role, without what a dump's role must not get. */
interface HarmlessRole {
  /** It cannot log in and is not a superuser. */
  statement: Uint8Array;
  /** Its name as it is written, where it would be a superuser: it may have to read what others own. */
  wouldBeSuperuser?: string;
}

/**
 * Takes login, superuser, replication and password from a statement of a dump that makes a role or gives it attributes.
 *
 * @param text As `SqlStatement.text`; of a settings' statement, or any other, nothing is returned.
 */
export function withoutLogin({ text, bytes }: { text: string; bytes: Uint8Array }): HarmlessRole | undefined {
  if (!/^(?:CREATE|ALTER) (?:ROLE|USER|GROUP) /i.test(text)) return undefined;
  const [, verb, role, rest] = ofRole.exec(Buffer.from(bytes).toString("latin1").trim()) ?? [];
  if (
    role === undefined ||
    verb.toUpperCase() === "ALTER" && !/^\s+(?:WITH\b|(?:NO)?[A-Z]+\b(?<!\b(?:SET|RESET|RENAME|IN)))/i.test(rest)
  ) {
    return undefined;
  }
  let isSuperuser = false as boolean;
  let isPassword = false;
  const options = (rest.match(token) ?? []).map((each) => {
    const word = each.toLowerCase();
    if (isPassword) {
      if (each.startsWith("'") || word === "null") isPassword = false;
      return "";
    }
    if (word === "password") isPassword = true;
    if (/^(?:password|encrypted|unencrypted)$/.test(word)) return "";
    if (word === "superuser") isSuperuser = true;
    return replaced[word] ?? each;
  }).join("");
  return {
    statement: Buffer.from(`${verb} ROLE ${role}${options}`, "latin1"),
    ...isSuperuser && { wouldBeSuperuser: role },
  };
}
