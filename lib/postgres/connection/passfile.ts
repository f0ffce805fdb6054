import { readRegularText } from "../../system/regular_file.ts";

/** A line of a password file; an undefined field is `*` and matches anything. */
export interface PasswordEntry {
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string;
}

/** What a password file holds, or why it was ignored. */
interface PasswordFile {
  readonly entries: readonly PasswordEntry[];
  readonly warning?: string;
}

/**
 * Reads a password file (`.pgpass`) by libpq's rules.
 *
 * One that does not exist is empty; one that is not a plain file, or that group or others may access, is ignored with a
 * warning.
 */
export async function readPasswordFile(path: string): Promise<PasswordFile> {
  try {
    const { isFile, mode } = await Deno.stat(path);
    if (!isFile) return { entries: [], warning: `The password file ${path} is not a plain file and was ignored.` };
    if (mode !== null && (mode & 0o077) !== 0) {
      return {
        entries: [],
        warning: `The password file ${path} is open to group or others and was ignored; run: chmod 0600 ${path}`,
      };
    }
    return { entries: parsePasswordFile(await readRegularText(path)) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return { entries: [] };
    return { entries: [], warning: `The password file ${path} cannot be read and was ignored.` };
  }
}

/** Parses `host:port:database:user:password` lines; `\:` and `\\` are escapes, `#` starts a comment line. */
function parsePasswordFile(text: string): PasswordEntry[] {
  const entries: PasswordEntry[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    // Fields end at an unescaped colon, the password too.
    const fields = [...line.matchAll(/((?:[^:\\]|\\.|\\$)*)(?::|$)/gs)].map((match) => match[1]);
    if (fields.length < 5) continue;
    const [host, port, database, user] = fields.map((field) => field === "*" ? undefined : unescape(field));
    entries.push({ host, port, database, user, password: unescape(fields[4]) });
  }
  return entries;
}

/**
 * Finds the password for a connection: the first entry that matches counts.
 *
 * @param wanted Its host as libpq matches it: `localhost` for a Unix socket in the default directory.
 */
export function findPassword(
  entries: readonly PasswordEntry[],
  wanted: { host: string; port: number; database: string; user: string },
): string | undefined {
  return entries.find((entry) =>
    (entry.host ?? wanted.host) === wanted.host &&
    (entry.port ?? String(wanted.port)) === String(wanted.port) &&
    (entry.database ?? wanted.database) === wanted.database &&
    (entry.user ?? wanted.user) === wanted.user
  )?.password;
}

function unescape(field: string): string {
  return field.replace(/\\(.)/gs, "$1");
}
