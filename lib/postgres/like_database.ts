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

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/**
 * Makes an empty database with the encoding and the collation of another one.
 *
 * @returns Whether the server has that collation; otherwise nothing was made.
 */
export async function makeDatabaseLike(sql: Sql, name: string, like: DatabaseLocale): Promise<boolean> {
  const provider = {
    icu: ` LOCALE_PROVIDER icu ICU_LOCALE ${literal(like.locale ?? "und")}`,
    builtin: ` LOCALE_PROVIDER builtin BUILTIN_LOCALE ${literal(like.locale ?? "C")}`,
  }[like.locale_provider] ?? "";
  const locale = `LC_COLLATE ${literal(like.collation)} LC_CTYPE ${literal(like.ctype)}${provider}`;
  return await isMade(create(sql, name, like.encoding, locale));
}

/** The same with its encoding only: it sorts by bytes, and knows no letters but those of ASCII. */
export async function makeDatabaseOfBytes(sql: Sql, name: string, encoding: string): Promise<void> {
  await create(sql, name, encoding, "LC_COLLATE 'C' LC_CTYPE 'C'");
}

/** An empty database in UTF8 that sorts by code points, and knows every letter if the server can. */
export async function makeNeutralDatabase(sql: Sql, name: string): Promise<void> {
  const known = [
    "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'", // as C.UTF-8 sorts, and faster
    "LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'", // since PostgreSQL 17
  ];
  for (const locale of known) if (await isMade(create(sql, name, "UTF8", locale))) return;
  await makeDatabaseOfBytes(sql, name, "UTF8");
}

function create(sql: Sql, name: string, encoding: string, locale: string): Promise<unknown> {
  return sql.unsafe(`CREATE DATABASE "${name}" TEMPLATE template0 ENCODING ${literal(encoding)} ${locale}`);
}

/** Invalid locale names and locales that do not go with the encoding come with several codes of these classes. */
async function isMade(making: Promise<unknown>): Promise<boolean> {
  try {
    await making;
    return true;
  } catch (error) {
    if (/^(22|42|58|0A)/.test((error as { code?: string }).code ?? "")) return false;
    throw error;
  }
}
