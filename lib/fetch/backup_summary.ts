import type { Manifest } from "../manifest/manifest.ts";
import { manifestSha256 } from "../manifest/read_manifest.ts";
import type { StoredBackup } from "../storage/stored_backup.ts";
import { sizeOf } from "../system/checksums.ts";
import { rowSecurityEnabled } from "./findings.ts";
import type { Backup, Finding } from "../verdict/verdict.ts";

/** What every verdict about a backup says of it that is not a fault: what is not in it, and what may not restore. */
export function warningsOf({ row_security_enabled, warnings = [] }: Manifest): Finding[] {
  return [
    ...row_security_enabled ? [rowSecurityEnabled()] : [],
    ...warnings.map((warning): Finding => ({ ...warning, severity: "warning" })),
  ];
}

/**
 * How verdicts describe a backup.
 *
 * @param signedBy The id of the key that signed its manifest.
 */
export function summarizeBackup(stored: StoredBackup, manifest: Manifest, signedBy?: string): Backup {
  const { dump, snapshot, database, postgres, row_security_enabled } = manifest;
  const files = dump?.files ?? [];
  const manifest_sha256 = manifestSha256(manifest);
  return {
    name: stored.name,
    path: stored.dumpPath,
    ...(stored.manifestPath && { manifest: stored.manifestPath }),
    size_bytes: files.reduce((sum, { size_bytes }) => sum + size_bytes, 0),
    ...(files.length === 1 && { sha256: files[0].sha256 }),
    ...(manifest_sha256 && { manifest_sha256 }),
    ...(signedBy !== undefined && { signed_by: signedBy }),
    snapshot_at: snapshot.taken_at,
    database: database.name,
    server: postgres.server,
    row_security_enabled,
  };
}

/** The same for a dump without a manifest: only the file is known. */
export async function summarizeForeign({ name, dumpPath }: StoredBackup): Promise<Backup> {
  return { name, path: dumpPath, size_bytes: await sizeOf(dumpPath) };
}
