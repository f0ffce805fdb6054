/** When a backup was made, as its name says it: `20260102T030405Z`. */
const timestamp = /-(\d{8}T\d{6}Z)(?:-\d+)?$/;

/**
 * Names a backup after its database and the moment: `shop-20260102T030405Z`.
 *
 * What a file name cannot safely hold becomes `_`; the manifest holds the database's real name.
 */
export function backupName(database: string, at: Date): string {
  const safe = database.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^[.-]/, "_").slice(0, 100);
  return `${safe}-${at.toISOString().replace(/[-:]|\.\d+/g, "")}`;
}

/** The sortable moment in a backup's name; empty where it has none. */
export function momentOf(name: string): string {
  return timestamp.exec(name)?.[1] ?? "";
}

export const manifestSuffix = ".manifest.json";
export const dumpSuffix = ".dump";
