import { chooseServerSet, type ServerSet } from "../../fetch/choose_server_set.ts";
import { fetchBackup } from "../../fetch/fetch_backup.ts";
import { mapsRoles } from "../../options/role_mapping.ts";
import { readArchive } from "../../postgres/archive_contents.ts";
import { withDatabaseNamed } from "../../postgres/connection/connection_url.ts";
import { databasePropertiesIn } from "../../postgres/plain/database_properties_in_archive.ts";
import type { Job } from "../../run/job.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { reasonOf } from "../../system/operator_error.ts";
import { restoredOf } from "../whole_system/conclude_system.ts";
import { type PartOfJob, partOfJob } from "../whole_system/part_of_job.ts";
import { weakestProof } from "../whole_system/policy.ts";
import { recordRecovery } from "../whole_system/recovery.ts";
import { databasePropertiesGiven, roleStatementFailed } from "./findings/roles.ts";
import { mapManifestOnly } from "./map_roles.ts";
import { provideRoles } from "./provide_roles.ts";
import { requireSet } from "./require_set.ts";
import { restoreDatabase, type RestoredDatabase } from "./restore_database.ts";
import { reachTarget, type RestoreOptions, type TargetServer } from "./restore_target.ts";

type Member = ServerSet["members"][number];

/**
 * Brings a whole server back: its roles, if that is asked, then its databases, several at the same time, each under its own
 * name on the server that the target names.
 */
export async function restoreServer(job: Job, options: RestoreOptions, startedAt: Date): Promise<void> {
  const { members, lead } = (await job.phase("find", () => chooseServerSet(job, options, { isAsked: true })))!;
  const targetUrls = new Map(members.map(({ database }) => [
    database,
    withDatabaseNamed(options.targetUrl, database),
  ]));
  const ofMember = (member: Member) => ({ path: member.path, from: undefined, database: undefined });
  await job.phase("preflight", () =>
    requireSet(
      job,
      members.map((member) => ({
        name: member.database,
        which: ofMember(member),
        targetUrl: targetUrls.get(member.database)!,
      })),
      options,
    ));
  const server = await reachTarget(job, options);
  const smallest = members.toSorted((a, b) => a.manifest.database.size_bytes - b.manifest.database.size_bytes)[0];
  await job.phase("roles", async () => {
    const { stored, manifest } = await fetchBackup(job, { ...options, ...ofMember(smallest) });
    const { mapping } = options;
    const mapped = mapping && mapsRoles(mapping) ? mapManifestOnly(manifest, mapping) : manifest!;
    await provideRoles(job, server, { manifest: mapped, stored, all: true }, options);
  });
  const present = await databasesOf(server);

  const parts = new Map<string, PartOfJob>(members.map(({ database }) => [database, partOfJob(job, database)]));
  const done = new Set<string>();
  const failures: unknown[] = [];
  const biggestFirst = members.toSorted((a, b) => b.manifest.database.size_bytes - a.manifest.database.size_bytes);
  const totalBytes = members.reduce((sum, { manifest }) => sum + manifest.database.size_bytes, 0);
  await inParallel(biggestFirst, options.jobs, async (member) => {
    const { database, manifest } = member;
    const jobs = Math.max(1, Math.round(options.jobs * manifest.database.size_bytes / Math.max(1, totalBytes)));
    // The roles were looked at; what is still missing, the restore itself says.
    const roles = options.roles === "skip" ? "skip" as const : undefined;
    const own = { ...options, ...ofMember(member), targetUrl: targetUrls.get(database)!, jobs, roles };
    try {
      const restored = await restoreDatabase(parts.get(database)!.job, own, job);
      if (!present.has(database) && restored.parameters.database === database && options.roles !== "skip") {
        await giveProperties(job, server, database, restored);
      }
      await restored.close();
      done.add(database);
    } catch (error) {
      job.signal.throwIfAborted();
      failures.push(...error instanceof AggregateError ? error.errors : [error]);
    }
    job.record({ restored: restoredOf(parts) });
  });
  const restored = restoredOf(parts);
  const first = restored.find(({ backup }) => backup.name === lead) ?? restored[0];
  job.record({
    restored,
    ...(first && { backup: first.backup }),
    ...(done.size === members.length && { proof: weakestProof(restored), covers: first?.covers }),
  });
  if (failures.length > 0) throw new AggregateError(failures);
  const snapshots = members.map(({ manifest }) => new Date(manifest.snapshot.taken_at));
  recordRecovery(job, { startedAt, snapshots, incidentAt: options.incidentAt });
}

async function databasesOf({ admin }: TargetServer): Promise<Set<string>> {
  const found = await admin<{ name: string }[]>`SELECT datname AS name FROM pg_catalog.pg_database`;
  return new Set(found.map(({ name }) => name));
}

/** What a swap takes over from the database that it replaces; here none was there. */
async function giveProperties(
  job: Job,
  { admin }: TargetServer,
  database: string,
  { stored }: RestoredDatabase,
): Promise<void> {
  const archive = await readArchive(stored.dumpPath);
  if (!archive) return;
  for (const statement of databasePropertiesIn(archive.entries, database)) {
    await admin.unsafe(statement).catch((error) => {
      job.find(roleStatementFailed({ statement, reason: reasonOf(error) }));
    });
  }
  job.note(databasePropertiesGiven({ database }));
}
