import type { Sql } from "./connection/connect.ts";

/** What a database is made like. */
export interface DatabaseLocale {
  encoding: string;
  collation: string;
  ctype: string;
  locale_provider: string;
  /** Of ICU or the built-in provider. */
  locale: string | null;
}

/**
 * Makes an empty database with the encoding and, if this host has it, the collation of another one.
 *
 * @returns Whether the host has the collation; otherwise the database sorts by bytes.
 */
export async function makeDatabaseLike(sql: Sql, name: string, like: DatabaseLocale): Promise<boolean> {
  const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const create = (locale: string) =>
    sql.unsafe(`CREATE DATABASE "${name}" TEMPLATE template0 ENCODING ${literal(like.encoding)} ${locale}`);
  const provider = {
    icu: ` LOCALE_PROVIDER icu ICU_LOCALE ${literal(like.locale ?? "und")}`,
    builtin: ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(like.locale ?? "C")}`,
  }[like.locale_provider] ?? "";
  try {
    await create(`LC_COLLATE ${literal(like.collation)} LC_CTYPE ${literal(like.ctype)}${provider}`);
    return true;
  } catch (error) {
    // Invalid locale names and locales that do not go with the encoding come with several codes of these classes.
    if (!/^(22|42|58|0A)/.test((error as { code?: string }).code ?? "")) throw error;
    await create("LC_COLLATE 'C' LC_CTYPE 'C'");
    return false;
  }
}
