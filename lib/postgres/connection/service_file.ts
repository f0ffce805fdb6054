import { join } from "node:path";
import { readRegularText } from "../../system/regular_file.ts";
import { serviceFileInvalid, serviceNotFound } from "./findings/settings.ts";
import { isKeyword, type KeywordValues } from "./libpq_keywords.ts";
import { homeDirectory } from "./home_directory.ts";

type Environment = Record<string, string | undefined>;

/** A service's definition and the file it was found in. */
interface Service {
  readonly values: KeywordValues;
  readonly file: string;
}

/**
 * Finds a connection service: in PGSERVICEFILE or else `~/.pg_service.conf`, then in the system's `pg_service.conf`.
 *
 * @throws {OperatorError} SERVICE_NOT_FOUND, SERVICE_FILE_INVALID (with file and line).
 */
export async function findService(name: string, env: Environment): Promise<Service> {
  const named = env.PGSERVICEFILE || undefined;
  const files = [named ?? join(homeDirectory(env), ".pg_service.conf"), ...systemServiceFiles(env)];
  for (const file of files) {
    const text = await readServiceFile(file, { mustExist: file === named });
    const values = text === undefined ? undefined : parseService(text, name, file);
    if (values) return { values, file };
  }
  throw serviceNotFound.error({ service: name, files });
}

/** Where libpq's builders put the system-wide file: as PGSYSCONFDIR says, else Debian's place, PGDG's on Red Hat, Postgres' own. */
function systemServiceFiles(env: Environment): string[] {
  if (env.PGSYSCONFDIR) return [join(env.PGSYSCONFDIR, "pg_service.conf")];
  return ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"]
    .map((directory) => join(directory, "pg_service.conf"));
}

async function readServiceFile(file: string, { mustExist }: { mustExist: boolean }): Promise<string | undefined> {
  try {
    return await readRegularText(file);
  } catch (error) {
    if (!mustExist && (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) return;
    throw serviceFileInvalid.unreadable.error({ file }, { cause: error });
  }
}

/** Parses one section of a service file; undefined when there is none of that name. */
function parseService(text: string, name: string, file: string): KeywordValues | undefined {
  let values: KeywordValues | undefined;
  for (const [index, line] of text.split("\n").map((line) => line.trim()).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (values) return values;
      if (line.startsWith(`[${name}]`)) values = {};
      continue;
    }
    if (!values) continue;
    const equals = line.indexOf("=");
    const word = line.slice(0, Math.max(equals, 0));
    const place = { file, line: index + 1 };
    if (line.startsWith("ldap")) throw serviceFileInvalid.ldap.error(place);
    if (!isKeyword(word)) throw serviceFileInvalid.malformed.error(place);
    if (word === "service") throw serviceFileInvalid.nested.error(place);
    // As everywhere in libpq's files, what is said first counts.
    values[word] ??= line.slice(equals + 1);
  }
  return values;
}
