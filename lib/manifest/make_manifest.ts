import type { SharedSnapshot } from "../postgres/shared_snapshot.ts";
import type { Finding } from "../verdict/verdict.ts";
import { toolVersion } from "../verdict/tool_version.ts";
import type { CapturedDatabase } from "./capture_database.ts";
import type { Dump, Manifest } from "./manifest.ts";

/** What a manifest says besides what was captured. */
interface ManifestOptions {
  dump?: Dump;
  globals?: Manifest["globals"];
  /** Version of the pg_dump that made it. */
  pgDump?: string;
  enableRowSecurity?: boolean;
  /** What should be known of the source before the bad day. */
  warnings?: Finding[];
  /** What it is for, unless it is an ordinary backup. */
  purpose?: Manifest["purpose"];
  /** What the configuration calls the database. */
  configuredAs?: string;
}

/** Puts a manifest together. */
export function makeManifest(
  captured: CapturedDatabase,
  { takenAt, walLsn, isStandby, recovery }: SharedSnapshot,
  { dump, globals, pgDump, enableRowSecurity = false, warnings = [], purpose, configuredAs }: ManifestOptions = {},
): Manifest {
  const { postgres, database, chain, ...contents } = captured;
  return {
    schema: "pgrehearse.manifest/v1",
    created_at: new Date().toISOString(),
    tool: toolVersion,
    ...(purpose && { purpose }),
    ...(configuredAs !== undefined && { configured_as: configuredAs }),
    postgres: { ...postgres, ...(pgDump && { pg_dump: pgDump }) },
    database,
    snapshot: { taken_at: takenAt, wal_lsn: walLsn, is_standby: isStandby },
    ...(recovery && { recovery }),
    ...(dump && { dump }),
    ...(globals && { globals }),
    row_security_enabled: enableRowSecurity,
    ...(warnings.length > 0 && {
      warnings: warnings.map(({ code, message, fix, object }) => ({ code, message, fix, ...(object && { object }) })),
    }),
    ...(chain && { chain }),
    ...contents,
  };
}
