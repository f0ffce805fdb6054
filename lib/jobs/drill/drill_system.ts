import type { Config } from "../../config/read_config.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { commonOptions, givenOnly, preferGiven, storeOptionsOf } from "../configured.ts";
import type { Job } from "../run_job.ts";
import type { CheckedDatabase, CheckedSystem } from "../system/check_context.ts";
import { lastGoodDrill } from "../system/last_good_drill.ts";
import { onlyPartOfJob, type PartOfJob, partOfJob } from "../system/part_of_job.ts";
import { holdAgainstPolicy, weakestProof } from "../system/policy.ts";
import { measureRecovery } from "../system/recovery.ts";
import { runSteps } from "../system/run_steps.ts";
import { checkedSystem } from "../system/checked_system.ts";
import { controlsOf, restoredOf } from "../system/system_verdict.ts";
import { drillBackup, type DrilledBackup } from "./drill_backup.ts";
import type { DrillOptions } from "./drill_options.ts";
import { findBackupSet } from "../system/backup_set.ts";

/** Restores every database of a configuration, follows its steps, and holds it all against its policy. */
export async function drillSystem(
  job: Job,
  config: Config,
  given: DrillOptions,
  startedAt: Date,
): Promise<void> {
  const options = withConfig(given, config);
  const names = Object.keys(config.databases);
  const set = await job.phase("find", () => findBackupSet(job, options, names));
  const isOnly = names.length === 1;
  const parts = new Map(names.map((name) => [name, isOnly ? onlyPartOfJob(job) : partOfJob(job, name)]));
  const drilled = new Map<string, DrilledBackup>();
  const system: CheckedSystem = checkedSystem(config, {
    startedAt,
    copies: true,
    lastGoodDrill: () => lastGoodDrill(job, options, names[0]),
  });

  const restoreDatabase = async (name: string): Promise<CheckedDatabase | undefined> => {
    const part = parts.get(name)!;
    const restored = await drillBackup(part.job, { ...options, ...set.get(name)! }, job);
    job.record({ restored: restoredOf(parts) });
    if (!restored) return undefined;
    drilled.set(name, restored);
    const { fetched: { manifest }, target: { parameters } } = restored;
    for (const { check, value } of manifest?.recorded ?? []) system.recorded.set(check, value);
    return { parameters, manifest };
  };
  let lastRequired: Date | undefined;
  try {
    lastRequired = await runSteps({ job, config, system, restoreDatabase, bringObjects: () => Promise.resolve() });
  } finally {
    conclude(job, config, options, { startedAt, lastRequired, parts, drilled });
  }
}

/** Proof, recovery and policy: also of a drill that broke off, as far as they are known. */
function conclude(
  job: Job,
  config: Config,
  options: DrillOptions,
  { startedAt, lastRequired, parts, drilled }: {
    startedAt: Date;
    lastRequired?: Date;
    parts: Map<string, PartOfJob>;
    drilled: Map<string, DrilledBackup>;
  },
): void {
  const restored = restoredOf(parts);
  // Without a manifest, what is known beyond the restore itself is what the checks saw.
  const checks = job.soFar().checks ?? [];
  const areChecked = checks.length > 0 && checks.every(({ state }) => state === "pass");
  for (const each of restored) if (each.proof === "restored" && areChecked) each.proof = "checked";
  const [lead] = restored;
  job.record({
    restored,
    ...(lead && { backup: lead.backup, ...(restored.length === 1 && { compared: lead.compared }) }),
    proof: drilled.size === parts.size ? weakestProof(restored) : undefined,
    controls: controlsOf(config, "drill"),
  });
  const manifests = [...drilled.values()].map(({ fetched }) => fetched.manifest);
  const snapshots = manifests.flatMap((manifest) => manifest ? [new Date(manifest.snapshot.taken_at)] : []);
  const all = manifests.length === parts.size && manifests.every((manifest) => manifest !== undefined);
  const recovery = measureRecovery(
    { startedAt, lastRequired, snapshots: all ? snapshots : [], incidentAt: options.incidentAt },
    config.policy,
  );
  job.record({ recovery });
  holdAgainstPolicy(job, config.policy, {
    recovery,
    restored,
    isEncrypted: all ? manifests.every((manifest) => manifest!.dump?.encryption !== undefined) : undefined,
    isChecksummed: options.checksum,
    isKeptAsEvidence: config.evidence !== undefined,
  });
}

function withConfig(options: DrillOptions, config: Config): DrillOptions {
  if (Object.keys(config.databases).length === 0) {
    throw new OperatorError("NO_DATABASE", `${config.path} names no database.`, {
      fix: 'Name at least one: "databases": { "shop": {} }.',
    });
  }
  const { into, allow_empty, checksum, record } = config.drill;
  const preferred = preferGiven(options, {
    ...commonOptions(config),
    into,
    allowEmpty: allow_empty,
    checksum,
    record,
    from: config.store?.address,
    store: config.store && { ...storeOptionsOf(config.store), ...givenOnly(options.store) },
  });
  if (preferred.from !== undefined || preferred.path !== undefined) return preferred;
  throw new OperatorError("NO_STORE", `${config.path} does not say where backups are.`, {
    fix: 'Say it with "store", or on the command line with --from.',
  });
}
