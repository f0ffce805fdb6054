import { basename, dirname, join } from "node:path";
import type { Manifest } from "../../manifest/manifest.ts";
import { readManifest } from "../../manifest/read_manifest.ts";
import { tableName } from "../../manifest/table_name.ts";
import type { NoTables, ReportedTable } from "../../report/reported_run.ts";
import { sumFile } from "../../system/checksums.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Backup, Verdict } from "../../verdict/verdict.ts";

/** A manifest's file, read. */
interface NamedManifest {
  path: string;
  sha256: string;
  manifest: Manifest;
}

export async function readNamedManifest(path: string): Promise<NamedManifest> {
  return { path, manifest: await readManifest(path), sha256: (await sumFile(path)).sha256 };
}

/**
 * Finds the backup's tables: in one of the manifests that were named, else in the one that lies beside the verdict.
 *
 * @param path Of the verdict.
 */
export async function findTables(
  verdict: Verdict,
  path: string,
  named: readonly NamedManifest[],
): Promise<ReportedTable[] | NoTables> {
  const backups = backupsOf(verdict);
  if (backups.length === 0) return { absent: "The verdict names no backup, so there are no tables to show." };
  const tables: ReportedTable[] = [];
  for (const backup of backups) {
    const found = named.find((candidate) => belongs(candidate, backup)) ?? await findBeside(path, backup);
    if (!found) {
      return {
        absent: `The verdict does not hold the tables' rows and digests. They are in the manifest of ${backup.name}, ` +
          "which is not beside the verdict. Name it with --manifest.",
      };
    }
    tables.push(...tablesOf(found.manifest, backups.length > 1 ? backup.database : undefined));
  }
  return tables;
}

export function backupsOf({ restored = [], backup }: Verdict): Backup[] {
  if (restored.length > 0) return restored.map(({ backup }) => backup);
  return backup ? [backup] : [];
}

/** A manifest of another backup with the same name would show another's digests. */
export function belongs({ manifest, sha256 }: NamedManifest, backup: Backup): boolean {
  if (backup.manifest_sha256 !== undefined) return sha256 === backup.manifest_sha256;
  const files = manifest.dump?.files ?? [];
  if (backup.sha256 !== undefined && files.length === 1) return files[0].sha256 === backup.sha256;
  return backup.snapshot_at === manifest.snapshot.taken_at && backup.database === manifest.database.name;
}

async function findBeside(path: string, backup: Backup): Promise<NamedManifest | undefined> {
  if (path === "-") return undefined;
  const beside = join(dirname(path), basename(backup.manifest ?? `${backup.name}.manifest.json`));
  try {
    const found = await readNamedManifest(beside);
    return belongs(found, backup) ? found : undefined;
  } catch (error) {
    if (error instanceof OperatorError) return undefined; // none there, or none that can be read
    throw error;
  }
}

function tablesOf({ rows }: Manifest, database?: string): ReportedTable[] {
  return rows.map((table) => ({
    name: tableName(table),
    ...(database !== undefined && { database }),
    row_count: table.row_count,
    digest: table.digest,
    is_refreshed: table.is_refreshed ?? false,
    is_data_left_out: table.is_data_left_out ?? false,
  }));
}
