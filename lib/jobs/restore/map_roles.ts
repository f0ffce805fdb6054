import { basename, join } from "node:path";
import type { Manifest } from "../../manifest/manifest.ts";
import { mapManifest, rolesKnown } from "../../manifest/role_mapping/map_manifest.ts";
import { mapsRoles, type RoleMapping } from "../../options/role_mapping.ts";
import { writeArchiveWithRoles } from "../../postgres/archive_with_roles.ts";
import { acquireWorkspace, type Job } from "../../run/job.ts";
import type { StoredBackup } from "../../storage/stored_backup.ts";
import { sizeOf } from "../../system/checksums.ts";
import { diskFull } from "../../system/findings.ts";
import { requireRoom } from "../../system/free_space.ts";
import { roleMapRefused, rolesMapped } from "./findings/roles.ts";
import type { TargetServer } from "./restore_target.ts";

/** What is restored, and what it is compared with, once its roles are called as they are on the server. */
interface MappedBackup {
  manifest?: Manifest;
  stored: StoredBackup;
}

/**
 * Gives the roles of a backup their names on the server, in a copy of its dump that lasts as long as the job, and in the
 * manifest that the restored database is compared with.
 *
 * @throws {OperatorError} `ROLE_MAP_REFUSED`, before anything is touched; `DISK_FULL`.
 */
export async function mapRoles(
  job: Job,
  { manifest, stored }: MappedBackup,
  given: RoleMapping | undefined,
  { admin }: Pick<TargetServer, "admin">,
): Promise<MappedBackup> {
  if (!given || !mapsRoles(given)) return { manifest, stored };
  const mapped = mapManifestOnly(manifest, given);
  const mapping = { ...given, ownerIsSuperuser: await isSuperuser(admin, mapped, given.owner) };
  job.note(rolesMapped({ owner: mapping.owner, roles: [...mapping.roles] }));
  const { dumpPath } = stored;
  const workspace = await acquireWorkspace(job);
  await requireRoom(workspace.path, await sizeOf(dumpPath), diskFull.beforeCopy);
  const path = join(workspace.path, basename(dumpPath));
  if (!await writeArchiveWithRoles(dumpPath, path, mapping)) throw roleMapRefused.unreadable.error({ dump: dumpPath });
  return { manifest: mapped, stored: { ...stored, dumpPath: path } };
}

/**
 * The same of what was restored already.
 *
 * @throws {OperatorError} `ROLE_MAP_REFUSED`
 */
export function mapManifestOnly(manifest: Manifest | undefined, mapping: RoleMapping): Manifest {
  if (!manifest) throw roleMapRefused.noManifest.error({});
  const known = rolesKnown(manifest);
  const unknown = [...mapping.roles.keys()].filter((role) => !known.has(role));
  if (unknown.length > 0) throw roleMapRefused.unknown.error({ roles: unknown });
  return mapManifest(manifest, mapping);
}

/** A role that is to be made will be what it was at the backup. */
async function isSuperuser(
  admin: TargetServer["admin"],
  { globals }: Manifest,
  role: string | undefined,
): Promise<boolean> {
  if (role === undefined) return false;
  const [there] = await admin<
    { is: boolean }[]
  >`SELECT rolsuper AS is FROM pg_catalog.pg_roles WHERE rolname = ${role}`;
  return there?.is ?? globals?.roles.find(({ name }) => name === role)?.superuser ?? false;
}
