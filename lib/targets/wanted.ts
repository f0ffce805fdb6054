import type { Manifest } from "../manifest/manifest.ts";
import type { ArchiveContents } from "../postgres/archive_contents.ts";
import type { CompressionMethod } from "../postgres/compression.ts";
import type { DatabaseLocale } from "../postgres/like_database.ts";
import type { RoleRights } from "../postgres/make_roles.ts";
import type { Preload } from "../postgres/preload.ts";
import type { StoredBackup } from "../storage/stored_backup.ts";

/** What the restored database should be like; all that a manifest says of it. */
export interface Wanted {
  /** Major version of the source's server. */
  serverMajor?: number;
  /** Major version of the pg_dump that made the dump. */
  dumpMajor?: number;
  /** How the dump is compressed. */
  compression?: CompressionMethod;
  locale?: DatabaseLocale;
  /** Names of the C library's locales that it, its collations and columns need. */
  locales?: Iterable<string>;
  /** What the source's server loads when it starts. */
  preload?: Preload;
  /** What the database was called. */
  name?: string;
  /** What the database took at the source. */
  sizeBytes?: number;
  /** Roles that definitions name. */
  roles: string[];
  /** Who owns what and was granted what; absent where owners and grants are left out. */
  privileges?: {
    /** Roles that are named there. */
    roles: string[];
    rights: RoleRights[];
    databaseOwner: string;
  };
  /** Whose roles and database properties are compared. */
  backup?: { manifest: Manifest; stored: StoredBackup; archive: ArchiveContents | undefined };
}

/** All that a manifest says of it. */
export function wantedOf(manifest: Manifest): Wanted {
  return {
    serverMajor: Math.floor(manifest.postgres.server_version_num / 10_000),
    dumpMajor: Number.parseInt(manifest.postgres.pg_dump ?? "0"),
    compression: manifest.dump?.compression?.method,
    locale: manifest.database,
    locales: localesOf(manifest),
    preload: manifest.postgres.preload ?? undefined,
    name: manifest.database.name,
    sizeBytes: manifest.database.size_bytes,
    roles: manifest.roles,
  };
}

/** Names the locales of the C library that a database and its collations are of. */
function localesOf({ database, definitions }: Manifest): Set<string> {
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
