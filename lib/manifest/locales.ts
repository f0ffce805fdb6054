import type { Manifest } from "./manifest.ts";

/** Names the locales of the C library that a database and its collations are of. */
export function localesOf({ database, definitions }: Manifest): Set<string> {
  const names = new Set([database.collation, database.ctype]);
  for (const { kind, definition } of definitions) {
    if (kind === "collation") {
      for (const [, name] of definition.matchAll(/^LC_(?:COLLATE|CTYPE) '(.*)'$/gm)) names.add(name);
    }
    // The server's own ones, which it makes of what its host has.
    for (const [, name] of definition.matchAll(/\bCOLLATE (?:pg_catalog\.)?"([a-z]{2,3}_[A-Z]{2}[^"]*)"/g)) {
      names.add(name);
    }
  }
  return names;
}
