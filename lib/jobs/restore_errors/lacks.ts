import type { ServerError } from "../../postgres/server_errors.ts";
import type { Finding } from "../../verdict/verdict.ts";

/** Something that a dump needs and the server that is restored into has not. */
interface Lack {
  code: string;
  /** What the server says of it; the first group that matched is the name. */
  said: RegExp;
  what: string;
  fix: string;
}

const again = "then run the drill again";

const lacks: Lack[] = [
  {
    code: "ROLE_MISSING",
    said: /^role "(.*)" does not exist/,
    what: "role",
    fix: "Create it (NOLOGIN will do) on a server named with --into; a drill with a manifest makes roles by itself.",
  },
  {
    code: "EXTENSION_UNAVAILABLE",
    said:
      /^(?:extension "(.*)" is not available|extension "(.*)" has no installation script|could not open extension control file ".*\/(.*)\.control"|required extension "(.*)" is not installed)/,
    what: "extension",
    fix: `Install its package for this PostgreSQL version, ${again}.`,
  },
  {
    code: "TABLESPACE_MISSING",
    said: /^(?:tablespace "(.*)" does not exist|invalid value for parameter "default_tablespace": "(.*)")/,
    what: "tablespace",
    fix: "Create it on a server named with --into, or dump with --no-tablespaces or in custom format.",
  },
  {
    code: "COLLATION_UNAVAILABLE",
    said:
      /^(?:collation "(.*)" for encoding ".*" does not exist|could not create locale "(.*)":|could not open collator for locale "(.*)":|ICU locale "(.*)" has unknown language)/,
    what: "collation",
    fix: `Install the locale (locale-gen, or a server built with ICU), ${again}.`,
  },
  {
    code: "LIBRARY_MISSING",
    said:
      /^(?:could not access file "(.*)":|could not load library "(.*)":|could not find function ".*" in file "(.*)")/,
    what: "library",
    fix: `Install the package it comes with, for this PostgreSQL version, ${again}.`,
  },
  {
    code: "PRELOAD_MISSING",
    said:
      /^(?:(?:extension )?"?([\w-]+)"? (?:can only be loaded via|must be loaded via|must be preloaded|requires).*|.*\bshared_preload_libraries\b.*)/,
    what: "preloaded library",
    fix: `Install its package and add it to shared_preload_libraries of a server named with --into, ${again}.`,
  },
  {
    code: "TEXT_SEARCH_FILE_MISSING",
    said: /^could not open (?:stop-word|dictionary|affix|thesaurus|synonym) file "(.*)":/,
    what: "text search file",
    fix: `Copy it from the source's server into the directory it names, ${again}.`,
  },
  {
    code: "LABEL_PROVIDER_MISSING",
    said: /^(?:security label provider "(.*)" is not loaded|(no security label providers) have been loaded)/,
    what: "security label provider",
    fix: "Drill with --into on a server whose shared_preload_libraries has it, or dump with --no-security-labels.",
  },
  {
    code: "ACCESS_METHOD_MISSING",
    said: /^(?:access method "(.*)" does not exist|invalid value for parameter "default_table_access_method": "(.*)")/,
    what: "access method",
    fix: `Install the extension that it comes with, ${again}; or dump with --no-table-access-method.`,
  },
  {
    code: "LANGUAGE_MISSING",
    said: /^language "(.*)" does not exist/,
    what: "language",
    fix: `Install the package of that procedural language for this PostgreSQL version, ${again}.`,
  },
  {
    code: "OIDS_UNSUPPORTED",
    said: /^(tables declared WITH OIDS) are not supported/,
    what: "support for",
    fix: "Restore it into PostgreSQL 11 or older, drop the OIDs there, and dump it again.",
  },
];

/** Names what a restore lacked on its server, each kind once. */
export function findLacks(errors: ServerError[]): Finding[] {
  return lacks.flatMap(({ code, said, what, fix }) => {
    const names = new Set(errors.flatMap((error) => nameIn(error, said)));
    if (names.size === 0) return [];
    const object = [...names].join(", ");
    return [{ code, message: `The server that is restored into lacks the ${what} ${object}.`, fix, object }];
  });
}

function nameIn({ message, hint = "" }: ServerError, said: RegExp): string[] {
  const match = said.exec(message) ?? (said.source.includes("shared_preload") ? said.exec(hint) : null);
  if (!match) return [];
  return [match.slice(1).find(Boolean) ?? /"([^"]+)"/.exec(message)?.[1] ?? message];
}

/** Names extensions that are there and could not be made: what says so comes after why. */
export function findNotCreated(errors: ServerError[]): Finding[] {
  const names = new Set(errors.flatMap(({ message }) => /^extension "(.*)" does not exist/.exec(message)?.[1] ?? []));
  if (names.size === 0) return [];
  const object = [...names].join(", ");
  return [{
    code: "EXTENSION_NOT_CREATED",
    message: `The server that is restored into has the extension ${object}, and could not create it.`,
    fix:
      "See the detail for why; it may have to be preloaded (shared_preload_libraries), or go into one database only. " +
      "Drill without --into, or with --into on a server that can.",
    object,
  }];
}
