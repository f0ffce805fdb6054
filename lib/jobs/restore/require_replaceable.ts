import type { Manifest } from "../../manifest/manifest.ts";
import type { Job } from "../../run/job.ts";
import { requireOfSafetyBackup } from "./require_before_replacing.ts";
import { requireAuthority } from "./restore_guard.ts";
import type { RestoreOptions } from "./restore.ts";
import type { TargetServer } from "./restore_target.ts";
import { foreseeSafetyBackup } from "./safety_backup.ts";

/** Whether something stands in the target's place that must not be lost. */
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
