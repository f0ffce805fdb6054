import type { Config } from "../../config/read_config.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { requireBackups } from "../configured.ts";
import { followConfig } from "../whole_system/follow_config.ts";
import type { Job } from "../../run/job.ts";
import { findBackupSet } from "../whole_system/backup_set.ts";
import { bucketCopies } from "../whole_system/copy_buckets.ts";
import { type CheckedDatabase, type CheckedSystem, checkedSystem } from "../whole_system/check_context.ts";
import { concludeSystem, restoredOf } from "../whole_system/conclude_system.ts";
import { lastGoodDrill } from "../whole_system/earlier_drills.ts";
import { partsOfJob } from "../whole_system/part_of_job.ts";
import { requireOfBackups } from "../whole_system/require_beforehand.ts";
import { runSteps } from "../whole_system/run_steps.ts";
import { safetyOptionsOf } from "./safety_backup.ts";
import { requireBeforeReplacing } from "./require_before_replacing.ts";
import { requireSet } from "./require_set.ts";
import { restoreDatabase } from "./restore_database.ts";
import type { RestoreOptions } from "./restore_target.ts";
import { noTarget, sameTarget } from "./findings/targets.ts";

/** Brings a whole system back: every database, its buckets, and its applications for as long as they are looked at. */
export async function restoreSystem(
  job: Job,
  config: Config,
  given: RestoreOptions,
  startedAt: Date,
): Promise<void> {
  const options = { ...given, ...safetyOptionsOf(config) };
  requireBackups(config, options);
  const names = Object.keys(config.databases);
  const targets = new Map(names.map((name) => [name, targetOf(config, options, name)]));
  await followConfig(job, config, options);
  const set = await job.phase("find", () => findBackupSet(job, options, names));
  const isKeptAsEvidence = (options.evidence ?? config.evidence) !== undefined;
  await requireOfBackups(job, config, set.values(), {
    which: options,
    isChecksummed: true,
    isKeptAsEvidence,
    intoServer: true,
  });
  if (options.mode !== "new") await requireBeforeReplacing(job, config.policy, set.values(), { ...options, startedAt });
  if (names.length > 1) {
    const members = names.map((name) => ({ name, which: set.get(name)!, targetUrl: targets.get(name)! }));
    await job.phase("preflight", () => requireSet(job, members, options));
  }
  const parts = partsOfJob(job, names);
  const manifests = new Map<string, Manifest | undefined>();
  const system: CheckedSystem = checkedSystem(config, {
    startedAt,
    copies: false,
    lastGoodDrill: () => lastGoodDrill(job, options, names[0]),
  });

  const restoreOne = async (name: string): Promise<CheckedDatabase | undefined> => {
    const restored = await restoreDatabase(
      parts.get(name)!.job,
      { ...options, ...set.get(name)!, targetUrl: targets.get(name)! },
      job,
    );
    job.record({ restored: restoredOf(parts) });
    for (const { check, value } of restored.manifest?.recorded ?? []) system.recorded.set(check, value);
    manifests.set(name, restored.manifest);
    return restored;
  };
  const bringObjects = async (buckets: string[]) => {
    const { copyBuckets } = await import("../whole_system/copy_buckets.ts");
    const wanted = bucketCopies(config, "from_copy").filter(({ name }) => buckets.includes(name));
    await copyBuckets(job, wanted, { isRestore: true });
  };
  let lastRequired: Date | undefined;
  let brokeOff = true;
  try {
    lastRequired = await runSteps({ job, config, system, restoreDatabase: restoreOne, bringObjects });
    brokeOff = false;
  } finally {
    concludeSystem(job, config, {
      command: "restore",
      startedAt,
      brokeOff,
      lastRequired,
      parts,
      manifests,
      incidentAt: options.incidentAt,
      isChecksummed: true,
      isKeptAsEvidence,
    });
  }
}

/**
 * Where a database of a configuration is to be brought back.
 *
 * @throws {OperatorError} `SAME_TARGET`, `NO_TARGET`
 */
function targetOf(config: Config, { targetUrl, targetUrls = {} }: RestoreOptions, name: string): string {
  const names = Object.keys(config.databases);
  const isOnly = names.length === 1;
  if (targetUrl && !isOnly) {
    throw sameTarget.oneForAll.error({ path: config.path, databases: names.length });
  }
  const target = targetUrls[name] ?? targetUrl;
  const other = names.find((each) => each !== name && target && targetUrls[each] === target);
  if (other !== undefined) throw sameTarget.twice.error({ one: name, other });
  if (target) return target;
  throw noTarget.error({ database: name, isOnly });
}
