import { createHash } from "node:crypto";
import type { Manifest } from "../../lib/manifest/manifest.ts";
import { writeDrillRecord } from "../../lib/evidence/drill_record.ts";
import { sha256Of } from "../../lib/evidence/signature.ts";
import type { SigningKey } from "../../lib/evidence/signing_key.ts";
import { backupName, manifestSuffix } from "../../lib/storage/backup_name.ts";
import type { Store } from "../../lib/storage/store.ts";
import { manifestText, writeDumpFile } from "../../lib/storage/write_backup.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";

// Backups of nothing, for tests of what handles backups as files.

export const hour = 3_600_000;
export const day = 24 * hour;

export interface StoredBackupOptions {
  database?: string;
  ageMs: number;
  format?: "custom" | "directory";
  recipients?: string[];
  contents?: Uint8Array;
  /** Leave the manifest out. */
  isUnfinished?: boolean;
  /** What the manifest says otherwise. */
  manifest?: Partial<Manifest>;
}

/** Writes a dump that is none, and its manifest. Returns the backup's name. */
export async function storeBackup(
  store: Store,
  { database = "shop", ageMs, format = "custom", recipients = [], contents, isUnfinished, manifest }:
    StoredBackupOptions,
): Promise<string> {
  const takenAt = new Date(Date.now() - ageMs);
  const name = backupName(database, takenAt);
  const body = contents ?? new TextEncoder().encode(`the dump ${name}`);
  const paths = format === "custom" ? [`${name}.dump`] : ["toc.dat", "1.dat.gz"].map((file) => `${name}.dump/${file}`);
  const files = [];
  for (const path of paths) {
    files.push(await writeDumpFile(store, path, ReadableStream.from([body]), { recipients }));
  }
  const dump: Manifest["dump"] = {
    format,
    path: `${name}.dump`,
    files,
    selection: [],
    ...(recipients.length > 0 && { encryption: { scheme: "age", recipients } }),
  };
  if (!isUnfinished) {
    const text = manifestText({ ...manifestOf(database, dump, takenAt), ...manifest });
    await store.write(name + manifestSuffix, ReadableStream.from([new TextEncoder().encode(text)]));
  }
  return name;
}

export function manifestOf(database: string, dump: Manifest["dump"], takenAt = new Date()): Manifest {
  return {
    schema: "pgrehearse.manifest/v1",
    created_at: new Date().toISOString(),
    tool: { version: "0.1.0", deno: "2" },
    purpose: undefined,
    configured_as: undefined,
    postgres: { server: "15.18", server_version_num: 150018, system_identifier: "1" },
    database: {
      name: database,
      encoding: "UTF8",
      collation: "C",
      ctype: "C",
      locale_provider: "c",
      locale: null,
      collation_version: null,
      size_bytes: 1,
    },
    snapshot: { taken_at: takenAt.toISOString(), wal_lsn: "0/0", is_standby: false },
    dump,
    row_security_enabled: false,
    roles: [],
    rows: [],
    large_objects: { count: 0, size_bytes: 0, digest: "0".repeat(32) },
    sequences: [],
    definitions: [],
    distribution: [],
  };
}

/** A drill's verdict that ended so long ago. */
export function drillVerdict(verdict: Verdict["verdict"], ageMs: number): Verdict {
  const at = new Date(Date.now() - ageMs).toISOString();
  return {
    schema: "pgrehearse.verdict/v1",
    command: "drill",
    verdict,
    ...(verdict === "pass" && { proof: "exact" as const }),
    started_at: at,
    finished_at: at,
    duration_ms: 1,
    tool: { version: "0.1.0", deno: "2" },
    postgres: {},
    phases: [],
    assertions: [],
    findings: [],
  };
}

/** Keeps a drill's verdict about a backup beside it, as a drill does. Returns the record's name. */
export async function recordDrill(store: Store, name: string, verdict: Verdict, key?: SigningKey): Promise<string> {
  const manifest_sha256 = await sha256Of(store, `${name}.manifest.json`);
  const backup = { path: name, size_bytes: 1, ...verdict.backup, name, manifest_sha256 };
  return await writeDrillRecord(store, name, { ...verdict, backup }, key);
}

export async function namesIn(store: Store): Promise<string[]> {
  return (await Array.fromAsync(store.list(), ({ name }) => name)).sort();
}

export const sha256 = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");
