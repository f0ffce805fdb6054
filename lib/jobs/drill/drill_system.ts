import type { Config } from "../../config/read_config.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { requireBackups } from "../configured.ts";
import { followConfig } from "../whole_system/follow_config.ts";
import type { Job } from "../../run/job.ts";
import { findBackupSet } from "../whole_system/backup_set.ts";
import { type CheckedDatabase, type CheckedSystem, checkedSystem } from "../whole_system/check_context.ts";
import { concludeSystem, restoredOf } from "../whole_system/conclude_system.ts";
import { lastGoodDrill, lastVerdict } from "../whole_system/earlier_drills.ts";
import { partsOfJob } from "../whole_system/part_of_job.ts";
import { requireOfBackups } from "../whole_system/require_beforehand.ts";
import { runSteps } from "../whole_system/run_steps.ts";
import { drillBackup, type DrillOptions } from "./drill_backup.ts";

/** Restores every database of a configuration, follows its steps, and holds it all against its policy. */
export async function drillSystem(job: Job, config: Config, options: DrillOptions, startedAt: Date): Promise<void> {
  requireBackups(config, options);
  const names = Object.keys(config.databases);
  await followConfig(job, config, options, () => lastVerdict(job, options, names[0]));
  const set = await job.phase("find", () => findBackupSet(job, options, names));
  const isKeptAsEvidence = (options.evidence ?? config.evidence) !== undefined;
  await requireOfBackups(job, config, set.values(), {
    which: options,
    isChecksummed: options.checksum,
    isKeptAsEvidence,
    intoServer: options.into !== undefined,
  });
  const parts = partsOfJob(job, names);
  const manifests = new Map<string, Manifest | undefined>();
  const system: CheckedSystem = checkedSystem(config, {
    startedAt,
    copies: true,
    lastGoodDrill: () => lastGoodDrill(job, options, names[0]),
  });

  const restoreDatabase = async (name: string): Promise<CheckedDatabase | undefined> => {
    const drilled = await drillBackup(parts.get(name)!.job, { ...options, ...set.get(name)! }, job);
    job.record({ restored: restoredOf(parts) });
    if (!drilled) return undefined;
    const { fetched: { manifest }, target: { parameters } } = drilled;
    manifests.set(name, manifest);
    for (const { check, value } of manifest?.recorded ?? []) system.recorded.set(check, value);
    return { parameters, manifest };
  };
  let lastRequired: Date | undefined;
  let brokeOff = true;
  try {
    // What would be brought back from a copy is looked at where it lies.
    lastRequired = await runSteps({ job, config, system, restoreDatabase, bringObjects: () => Promise.resolve() });
    brokeOff = false;
  } finally {
    concludeSystem(job, config, {
      command: "drill",
      startedAt,
      brokeOff,
      lastRequired,
      parts,
      manifests,
      incidentAt: options.incidentAt,
      isChecksummed: options.checksum,
      isKeptAsEvidence,
    });
  }
}
