import { join } from "node:path";
import { backup } from "../../lib/jobs/backup/backup.ts";
import type { BackupOptions } from "../../lib/jobs/backup/prepare_backup.ts";
import { drill } from "../../lib/jobs/drill/drill.ts";
import type { DrillOptions } from "../../lib/jobs/drill/drill_backup.ts";
import { restore } from "../../lib/jobs/restore/restore.ts";
import type { RestoreOptions } from "../../lib/jobs/restore/restore_target.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";

// Jobs in this process: many of them in the time that one program takes to start.

/** What every job gets. */
export const jobOptions = () => ({
  signal: new AbortController().signal,
  onProgress: () => {},
  debug: true,
  env: {},
  waitMs: 10_000,
  timeoutMs: 120_000,
  jobs: 2,
});

/** Backs up a database. */
export function runBackup(dbUrl: string, to: string, options: Partial<BackupOptions> = {}): Promise<Verdict> {
  return backup({
    ...jobOptions(),
    format: "custom",
    selection: [],
    distribution: [],
    lockTimeoutMs: 10_000,
    ...options,
    dbUrl,
    to,
  });
}

/** Backs up a database and returns the dump's path. Throws if the verdict is not `pass`. */
export async function makeBackup(dbUrl: string, to: string, options: Partial<BackupOptions> = {}): Promise<string> {
  const verdict = await runBackup(dbUrl, to, options);
  if (verdict.verdict !== "pass") throw new Error(`backup of ${dbUrl}: ${JSON.stringify(verdict.findings, null, 2)}`);
  return verdict.backup!.path;
}

/** Drills a backup, which we trust: tests' servers know no other role than their superuser. */
export function runDrill(path: string | undefined, options: Partial<DrillOptions> = {}): Promise<Verdict> {
  return drill({ ...jobOptions(), checksum: true, record: false, trustDump: true, ...options, path });
}

/** Restores a backup. */
export function runRestore(path: string, targetUrl: string, options: Partial<RestoreOptions> = {}): Promise<Verdict> {
  return restore({
    ...jobOptions(),
    mode: "new",
    subset: { schemas: [], tables: [] },
    safetyBackup: false,
    operator: "ann",
    approvedBy: "bob",
    reason: "a test",
    confirm: decodeURIComponent(/\/([^/?]*)\?/.exec(targetUrl)?.[1] ?? ""),
    ...options,
    path,
    targetUrl,
  });
}

/** Where the manifest of a dump lies. */
export function manifestOf(dumpPath: string): string {
  return dumpPath.replace(/\.dump$/, ".manifest.json");
}

/** Copies a backup, its dump and manifest, into a separate directory, and returns the dump's new path. */
export async function copyBackup(dumpPath: string, to: string): Promise<string> {
  await Deno.mkdir(to, { recursive: true });
  const { success, stderr } = await new Deno.Command("cp", { args: ["-R", dumpPath, manifestOf(dumpPath), to] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return join(to, dumpPath.slice(dumpPath.lastIndexOf("/") + 1));
}
