import type { DatabaseLocale } from "../like_database.ts";
import { unquoted } from "./roles_in_sql.ts";

/** A database that a dump makes. */
export interface DatabaseMade {
  name: string;
  locale: DatabaseLocale;
}

/**
 * Reads what `pg_dump --create` and pg_dumpall write.
 *
 * @returns `undefined` where a statement makes no database, or does not say what its text is like.
 */
export function databaseMadeBy(text: string): DatabaseMade | undefined {
  const name = /^CREATE DATABASE ("(?:[^"]|"")+"|[^\s"]+) /i.exec(text)?.[1];
  const option = (names: string) =>
    new RegExp(` (?:${names}) ?= ?(?:'((?:[^']|'')*)'|(\\w+))`, "i").exec(text)?.slice(1);
  const value = (names: string) => option(names)?.find((each) => each !== undefined)?.replaceAll("''", "'");
  const encoding = value("ENCODING");
  if (name === undefined || encoding === undefined) return undefined;
  const common = value("LOCALE") ?? "C";
  return {
    name: unquoted(name),
    locale: {
      encoding,
      collation: value("LC_COLLATE") ?? common,
      ctype: value("LC_CTYPE") ?? common,
      locale_provider: value("LOCALE_PROVIDER")?.toLowerCase() ?? "libc",
      locale: value("ICU_LOCALE|BUILTIN_LOCALE|COLLATION_LOCALE") ?? null,
    },
  };
}
