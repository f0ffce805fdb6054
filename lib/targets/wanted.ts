import { localesOf } from "../manifest/locales.ts";
import type { Manifest } from "../manifest/manifest.ts";
import type { ArchiveContents } from "../postgres/archive_contents.ts";
import type { DatabaseLocale } from "../postgres/like_database.ts";
import type { RoleRights } from "../postgres/make_roles.ts";
import type { Preload } from "../postgres/preload.ts";
import type { StoredBackup } from "../storage/stored_backup.ts";
import type { Isolation } from "../verdict/verdict.ts";
import { isolationIncomplete, isolationMissing } from "./findings.ts";
import type { Job } from "../run/job.ts";

/** What the restored database should be like; all that a manifest says of it. */
export interface Wanted extends Trust {
  /** Major version of the source's server. */
  serverMajor?: number;
  /** Major version of the pg_dump that made the dump. */
  dumpMajor?: number;
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
export function wantedOf(manifest: Manifest): Omit<Wanted, "isTrusted"> {
  return {
    serverMajor: Math.floor(manifest.postgres.server_version_num / 10_000),
    dumpMajor: Number.parseInt(manifest.postgres.pg_dump ?? "0"),
    locale: manifest.database,
    locales: localesOf(manifest),
    preload: manifest.postgres.preload ?? undefined,
    name: manifest.database.name,
    sizeBytes: manifest.database.size_bytes,
    roles: manifest.roles,
  };
}

/** Whose dump it is, as far as is known. */
interface Trust {
  /** A key that the operator trusts signed its manifest, or the operator said to trust it. */
  isTrusted: boolean;
}

/**
 * Records how far what is restored is kept from this host, and refuses what nobody vouches for where next to nothing
 * does: a dump is a program.
 *
 * @throws {OperatorError} `ISOLATION_MISSING`
 */
export function requireIsolation(job: Job, isolation: Isolation, { isTrusted }: Trust): void {
  job.record({ isolation });
  if (isolation.level === "full") return;
  const { level, lacks } = isolation;
  if (level === "namespaces") return job.find(isolationIncomplete.sharedAccount());
  if (!isTrusted) throw isolationMissing.error({ lacks });
  job.find(isolationIncomplete.lacking({ lacks }));
}
