import type { BackupSet, RecordedCheck } from "../../manifest/manifest.ts";
import type { PreparedBackup } from "./prepare_backup.ts";

/**
 * Writes the manifests of backups that were made together, the lead's last. What fails on the way takes back the others.
 *
 * @param prepared By their databases, the lead first.
 * @param more What the lead records besides, and what all of them say of the set.
 */
export async function publishAll(
  prepared: ReadonlyMap<string, PreparedBackup>,
  { recorded = [], set: more }: { recorded?: RecordedCheck[]; set?: Pick<BackupSet, "scope" | "left_out"> } = {},
): Promise<void> {
  const [lead, ...others] = prepared.values();
  const members = Object.fromEntries([...prepared].map(([name, backup]) => [name, backup.name]));
  const set = others.length > 0 || more ? { set: { lead: lead.name, members, ...more } } : {};
  const published: PreparedBackup[] = [];
  try {
    for (const backup of others) {
      await backup.publish(set);
      published.push(backup);
    }
    await lead.publish({ ...set, ...(recorded.length > 0 && { recorded }) });
  } catch (error) {
    for (const backup of published) await backup.withdraw();
    throw error;
  }
}
