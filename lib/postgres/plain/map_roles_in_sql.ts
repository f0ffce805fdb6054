import { unquoted } from "./roles_in_sql.ts";

/** Strings, names in quotes, words, blanks and comments, and every other character. */
const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*|\s+|--[^\n]*|./gs;
/** Words of the language, where they are not quoted. */
const noRole = /^(?:public|current_user|session_user|current_role|user|none|all)$/i;

/**
 * Gives roles other names in statements as pg_dump writes them: grants, policies, default privileges, user mappings,
 * settings of roles, and who runs what. Whatever else bears the name of a role keeps it: strings, objects, columns.
 *
 * @param sql Every byte a character.
 * @param rename What a role is called from now on.
 * @returns Every byte a character.
 */
export function mapRolesInSql(sql: string, rename: (role: string) => string): string {
  let words: string[] = []; // of this statement, outside of parentheses
  let depth = 0;
  /** What comes in a list of roles: a name, or what may be a comma and another. */
  let next: "role" | "comma" | undefined;
  let listed = new Set<string>();
  let separator = "";
  return (sql.match(token) ?? []).map((text) => {
    if (/^(?:\s|--)/.test(text)) {
      if (next === "role" && separator !== "") {
        separator += text;
        return "";
      }
      return text;
    }
    if (text === "(") depth++;
    if (text === ")") depth--;
    if (depth > 0 || text === ")") return text;
    if (text === ";") {
      [words, next] = [[], undefined];
      return text;
    }
    if (next === "role") {
      next = "comma";
      const role = noRole.test(text) ? text : renamed(text);
      const isFirst = !listed.has(role); // of roles that become one
      const before = separator;
      [separator] = ["", listed.add(role)];
      return isFirst ? before + role : "";
    }
    if (next === "comma" && text === ",") {
      [next, separator] = ["role", text];
      return "";
    }
    [next, listed] = [undefined, new Set()];
    const isWord = /^[A-Za-z_\x80-\xff]/.test(text);
    words.push(isWord ? text.toLowerCase() : "?");
    if (isWord && leadsToRoles(words)) next = "role";
    return text;
  }).join("");

  function renamed(written: string): string {
    const old = unquoted(written);
    const role = rename(old);
    return role === old ? written : asBytes(`"${role.replaceAll('"', '""')}"`);
  }
}

function asBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}

/** Objects and columns of the names of keywords are in quotes: pg_dump writes them so. */
function leadsToRoles(words: string[]): boolean {
  const last = words.at(-1)!;
  const begins = (...beginning: string[]) => beginning.every((word, place) => words[place] === word);
  const isNow = (...whole: string[]) => words.length === whole.length && begins(...whole);
  if (begins("grant")) return last === "to";
  if (begins("revoke")) return last === "from";
  if (begins("alter", "default", "privileges")) {
    return words.length === 5 && /^(role|user)$/.test(last) || last === (words.includes("revoke") ? "from" : "to");
  }
  if (begins("create", "policy")) return last === "to";
  if (begins("alter") && last === "to") return words.at(-2) === "owner";
  return isNow("alter", "role") || isNow("set", "session", "authorization") ||
    isNow("create", "user", "mapping", "for") || isNow("drop", "user", "mapping", "if", "exists", "for") ||
    isNow("drop", "user", "mapping", "for");
}
