import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import type { RoleMapping } from "../../options/role_mapping.ts";
import { withDatabase } from "../../postgres/connection/connection_parameters.ts";
import { runJob } from "../../run/run_job.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { proveRestored } from "../compare/compare_database.ts";
import { askForName } from "./ask_for_name.ts";
import { findRecord } from "./find_record.ts";
import { manifestMissing } from "./findings/targets.ts";
import { type IncidentRecord, keepRecord } from "./incident_record.ts";
import { mapManifestOnly } from "./map_roles.ts";
import { beginRecord, finishRecord } from "./record_restore.ts";
import { swapIn } from "./restore_beside.ts";
import { canKeepGrants, holdsSomething, requireNoTemplate, requireReplaceable } from "./restore_guard.ts";
import { reachTarget, type RestoreOptions, type TargetServer } from "./restore_target.ts";
import type { Restore } from "./restore_under_way.ts";
import { safetyOptionsOf } from "./safety_backup.ts";

/** Which database to put in place. */
interface PromoteOptions extends RestoreOptions {
  /** The record of the restore that brought it back beside; else the only one in `from` that fits. */
  promote?: string;
}

/** Puts a database that was restored beside in the target's place, if it still is what was backed up. */
export function promoteRestore(given: PromoteOptions): Promise<Verdict> {
  return runJob("restore", given, async (job) => {
    const { config } = given;
    const asked: PromoteOptions = { ...given, ...(config && safetyOptionsOf(config)), mode: "swap" };
    const target = await job.phase("preflight", () => reachTarget(job, asked));
    await requireNoTemplate(target);
    job.record({ postgres: { server: target.server.version, target: "named" } });
    const { record: earlier, store } = await job.phase(
      "fetch",
      () => findRecord(job, { ...asked, record: asked.promote }, (record) => misfit(record, target)),
    );
    job.record({ backup: earlier.backup });
    // What was restored so is compared so.
    const mapping = mappingOf(earlier);
    const options = { ...asked, mapping };
    const original = await readStoredManifest(store, earlier.backup.name);
    if (!original) throw manifestMissing.inStore.error({ backup: earlier.backup.name, store: store.address });
    const manifest = mapping ? mapManifestOnly(original, mapping) : original;
    const restored = earlier.restored_database!;
    const record = { ...await beginRecord(options, target, earlier.backup), restored_database: restored };
    const places = [store.address, ...(options.record ? [options.record] : [])];
    const keeper = await keepRecord(places, record, options.store);
    job.record({ restore_record: keeper.path });
    job.keepVerdict((verdict) => finishRecord(job, record, keeper, verdict));
    const run: Restore = {
      ...{ job, options, store, manifest, expected: manifest, target, record },
      stored: { name: earlier.backup.name, dumpPath: earlier.backup.path },
      recordPath: keeper.path,
      saveRecord: () => keeper.write(record),
    };
    const replacesSomething = holdsSomething(target);
    if (replacesSomething) await requireReplaceable(job, options, { target, manifest, beside: store.address });
    const ownersAndGrants = await canKeepGrants(job, target, manifest, options);
    await proveRestored(job, manifest, withDatabase(target.parameters, restored), {
      jobs: options.jobs,
      ownersAndGrants,
    });
    if (!job.isGood()) return job.say(`not swapped: ${restored} differs from the backup`);
    if (replacesSomething) await askForName(run);
    await swapIn(run, restored, replacesSomething);
  });
}

function mappingOf({ mapped_roles: mapped }: IncidentRecord): RoleMapping | undefined {
  return mapped && { owner: mapped.owner, roles: new Map(Object.entries(mapped.roles)) };
}

/** Why a record is not of a database that can be put in place. */
async function misfit(record: IncidentRecord, { admin, name, systemIdentifier }: TargetServer) {
  const { restored_database: restored, restored_oid } = record;
  if (record.target.system_identifier !== systemIdentifier) return "it is about another server";
  if (record.mode === "in_place" || restored === undefined) return "that restore made no copy beside the database";
  if (record.is_part) return "it is about a part of a backup";
  if (restored === name) return "it is about this database";
  const found = await admin<
    { oid: number }[]
  >`SELECT oid::int8::int4 AS oid FROM pg_database WHERE datname = ${restored}`;
  return found[0]?.oid === restored_oid ? undefined : `${restored} no longer exists`;
}
