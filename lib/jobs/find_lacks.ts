import type { Finding } from "../verdict/verdict.ts";

interface Lack {
  code: string;
  /** What the server says of it; the first group is the name. */
  said: RegExp;
  what: string;
  fix: string;
}

const lacks: Lack[] = [
  {
    code: "ROLE_MISSING",
    said: /ERROR: +role "(.*)" does not exist/g,
    what: "role",
    fix: "Create it (NOLOGIN will do) on a server named with --into; a drill with a manifest makes roles by itself.",
  },
  {
    code: "EXTENSION_UNAVAILABLE",
    said: /ERROR: +extension "(.*)" is not available/g,
    what: "extension",
    fix: "Install its package for this PostgreSQL version, then run the drill again.",
  },
  {
    code: "TABLESPACE_MISSING",
    said: /ERROR: +(?:tablespace "(.*)" does not exist|invalid value for parameter "default_tablespace": "(.*)")/g,
    what: "tablespace",
    fix: "Create it on a server named with --into, or dump with --no-tablespaces or in custom format.",
  },
  {
    code: "COLLATION_UNAVAILABLE",
    said: /ERROR: +(?:collation "(.*)" for encoding ".*" does not exist|could not create locale "(.*)":)/g,
    what: "collation",
    fix: "Install the locale (locale-gen, or a server built with ICU), then run the drill again.",
  },
];

/** Names what a restore lacked on its server, as far as what pg_restore or psql said tells; all else is in the detail. */
export function findLacks(said: string): Finding[] {
  return lacks.flatMap(({ code, said: pattern, what, fix }) => {
    const names = new Set([...said.matchAll(pattern)].map(([, ...groups]) => groups.find(Boolean)!));
    if (names.size === 0) return [];
    const message = `The server that is restored into lacks the ${what} ${[...names].join(", ")}.`;
    return [{ code, message, fix, object: [...names].join(", ") }];
  });
}
