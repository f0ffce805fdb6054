import type { Policy } from "../../config/policy_schema.ts";
import type { WhichBackup } from "../../fetch/choose_backup.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { rolesOf } from "../../manifest/roles.ts";
import { serverDiskFull } from "../../postgres/findings/servers.ts";
import { serverTooOld } from "../../postgres/findings/tools.ts";
import { requireNoSessions, requireRenameable } from "../../postgres/rename_databases.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import { freeSpaceBytes } from "../../system/free_space.ts";
import { sizeText } from "../../system/quantities.ts";
import { brokenLimits } from "../whole_system/policy.ts";
import { measureRecovery } from "../whole_system/recovery.ts";
import { approvalMissing, tooOldToReplaceWith } from "./findings/replacing.ts";
import {
  databaseHidden,
  grantsLeftOut,
  manifestMissing,
  targetIsSource,
  targetIsTemplate,
} from "./findings/targets.ts";
import type { Authority, RestoreOptions, TargetServer } from "./restore_target.ts";
import { foreseeSafetyBackup, requireOfSafetyBackup } from "./safety_backup.ts";

/** Refuses what must not be restored there. Nothing is touched before this has passed. */
export async function guardTarget(
  target: TargetServer,
  manifest: Manifest | undefined,
  { mode }: RestoreOptions,
): Promise<void> {
  if (mode !== "new") await requireNoTemplate(target);
  if (!manifest) {
    if (mode === "new") return;
    throw manifestMissing.ofDump.error();
  }
  const major = Math.floor(manifest.postgres.server_version_num / 10_000);
  if (target.server.major < major) {
    throw serverTooOld.target.error({ major, version: target.server.version });
  }
  const isSource = manifest.postgres.system_identifier === target.systemIdentifier &&
    manifest.database.name === target.name;
  if (isSource && mode === "new") throw targetIsSource.error({ database: target.name, server: target.address });
  await requireRoomOnServer(target, manifest.database.size_bytes);
}

/**
 * Makes sure that a target is not a template: its content is copied into every database that is made from then on.
 *
 * @throws {OperatorError} `TARGET_IS_TEMPLATE`
 */
export async function requireNoTemplate({ admin, name, address }: TargetServer): Promise<void> {
  const [{ isTemplate }] = await admin<{ isTemplate: boolean }[]>`
    SELECT ${name}::text IN ('template0', 'template1')
      OR EXISTS (SELECT FROM pg_database WHERE datname = ${name} AND datistemplate) AS "isTemplate"`;
  if (!isTemplate) return;
  throw targetIsTemplate.error({ database: name, server: address });
}

/** A run that was killed while others were kept out leaves the database under another name. */
export async function warnOfHidden(job: Job, { admin, name, present }: TargetServer): Promise<void> {
  if (present) return;
  const hidden = await admin<{ datname: string }[]>`
    SELECT datname FROM pg_database
    WHERE starts_with(datname, ${name} || '_before_') OR starts_with(datname, ${name} || '_in_place_')
    ORDER BY datname DESC`;
  if (hidden.length === 0) return;
  job.find(databaseHidden({ database: name, hidden: hidden[0].datname }));
}

/**
 * Makes sure that a server has room for what is to be restored. Its free space can be seen only where its data directory
 * can: on this host.
 *
 * @throws {OperatorError} `SERVER_DISK_FULL`
 */
export async function requireRoomOnServer({ admin }: TargetServer, neededBytes: number): Promise<void> {
  const [{ directory }] = await admin<{ directory: string | null }[]>`
    SELECT CASE WHEN inet_server_addr() IS NULL THEN current_setting('data_directory', true) END AS directory`
    .catch(() => [{ directory: null }]);
  const freeBytes = directory === null ? undefined : await freeSpaceBytes(directory).catch(() => undefined);
  if (freeBytes === undefined) return;
  if (freeBytes >= neededBytes) return;
  throw serverDiskFull.before.error({ free: sizeText(freeBytes), needed: sizeText(neededBytes) });
}

/**
 * Makes sure that replacing a database is approved, and that it can be done.
 *
 * @throws {OperatorError} `APPROVAL_MISSING`, naming all that is missing; `RENAME_REFUSED`; `CONNECTIONS_OPEN`.
 */
export async function requireAuthority(
  target: TargetServer,
  options: Authority & Pick<RestoreOptions, "terminateConnections">,
): Promise<void> {
  const { operator, approvedBy, reason, confirm, ask } = options;
  const isConfirmed = confirm === undefined
    ? ask !== undefined
    : confirm === target.name || confirm.split(",").includes(target.name);
  const missing = [
    ...(operator ? [] : ["--operator"]),
    ...(approvedBy ? [] : ["--approved-by"]),
    ...(reason ? [] : ["--reason"]),
    ...(isConfirmed ? [] : [`--confirm ${target.name}`]),
  ];
  if (missing.length > 0) {
    throw approvalMissing.options.error({
      database: target.name,
      server: target.address,
      holds: target.present?.holds ?? "",
      missing,
      confirmed: isConfirmed ? undefined : confirm,
    });
  }
  if (target.present) {
    await requireRenameable(target.admin, target.name);
    if (!options.terminateConnections) await requireNoSessions(target.admin, target.name);
  }
}

/** Whether every role that owns something or was granted something exists there; else a warning names those missing. */
export async function canKeepGrants(
  job: Job,
  { admin }: TargetServer,
  manifest: Manifest,
  { roles }: Pick<RestoreOptions, "roles"> = {},
): Promise<boolean> {
  if (roles === "skip") return false;
  const [{ isSuperuser }] = await admin<{ isSuperuser: boolean }[]>`
    SELECT current_setting('is_superuser') = 'on' AS "isSuperuser"`;
  const missing = await admin<{ role: string }[]>`
    SELECT role FROM json_array_elements_text(${JSON.stringify(rolesOf(manifest))}::text::json) AS role
    WHERE role NOT IN (SELECT rolname FROM pg_roles)`;
  if (isSuperuser && missing.length === 0) return true;
  job.find(
    missing.length > 0
      ? grantsLeftOut.rolesMissing({ roles: missing.map(({ role }) => role) })
      : grantsLeftOut.noSuperuser(),
  );
  return false;
}

/**
 * Holds what the policy says of ages before a database is replaced: afterwards it is too late.
 *
 * @param set The backups, each with its path.
 * @throws {OperatorError} `RPO_EXCEEDED`, `BACKUP_AGE_EXCEEDED`; a failure, and nothing was touched.
 */
export async function requireBeforeReplacing(
  job: Job,
  policy: Policy,
  set: Iterable<WhichBackup>,
  options: RestoreOptions & { startedAt: Date },
): Promise<void> {
  const { startedAt, incidentAt, store: storeOptions = {} } = options;
  const manifests = [];
  for (const { path } of set) {
    const { store: where, name } = splitBackupAddress(path!);
    manifests.push(await readStoredManifest(await acquireStore(job, where, storeOptions), name));
  }
  const snapshots = manifests.flatMap((manifest) => manifest ? [new Date(manifest.snapshot.taken_at)] : []);
  const [broken] = brokenLimits(policy, measureRecovery({ startedAt, snapshots, incidentAt }));
  if (broken) throw tooOldToReplaceWith.error({ broken });
}

/** Whether the target holds something that must not be lost. */
export function holdsSomething({ present }: TargetServer): boolean {
  return present !== undefined && !present.isEmpty;
}

/**
 * Finds, before anything is touched, whatever can be known to refuse that a database is replaced: the policy, who answers
 * for it, who is connected, and what is in the way of its safety backup.
 *
 * @param beside The store that the safety backup goes to, unless the operator named one.
 */
export async function requireReplaceable(
  job: Job,
  options: RestoreOptions,
  { target, manifest, beside }: { target: TargetServer; manifest?: Manifest; beside: string },
): Promise<void> {
  requireOfSafetyBackup(options, manifest);
  await requireAuthority(target, options);
  await foreseeSafetyBackup(job, options, { target, manifest, beside });
}
