import type { Config } from "../../config/read_config.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import type { Job } from "../../run/job.ts";
import type { PartOfJob } from "./part_of_job.ts";
import { holdAgainstPolicy, weakestProof } from "./policy.ts";
import { measureRecovery, warnAboutLater } from "./recovery.ts";
import type { Restored } from "../../verdict/verdict.ts";

/** How far a system came back. */
interface BroughtBack {
  command: "drill" | "restore";
  startedAt: Date;
  /** Whether a step threw: that is the reason then, and not that the policy could not be measured. */
  brokeOff: boolean;
  /** When the last required thing had been looked at; absent if a step failed. */
  lastRequired?: Date;
  parts: Map<string, PartOfJob>;
  /** Of the databases that were restored; `undefined` for a dump without a manifest. */
  manifests: Map<string, Manifest | undefined>;
  incidentAt?: Date;
  isChecksummed: boolean;
  isKeptAsEvidence: boolean;
}

/** Proof, recovery and policy: also of a run that broke off, as far as they are known. */
export function concludeSystem(job: Job, config: Config, back: BroughtBack): void {
  const { command, parts, incidentAt, isChecksummed, isKeptAsEvidence } = back;
  const restored = restoredOf(parts);
  // Without a manifest, what is known beyond the restore itself is what the checks saw.
  const checks = job.soFar().checks ?? [];
  const areChecked = checks.length > 0 && checks.every(({ state }) => state === "pass");
  for (const each of restored) if (each.proof === "restored" && areChecked) each.proof = "checked";
  const [lead] = restored;
  const isWhole = back.manifests.size === parts.size;
  const covers = lead?.covers?.filter((what) => restored.every((each) => each.covers?.includes(what)));
  job.record({
    restored,
    ...(isWhole && covers && { covers }),
    ...(lead && { backup: lead.backup, ...(parts.size === 1 && { compared: lead.compared }) }),
    proof: isWhole ? weakestProof(restored) : undefined,
    controls: controlsOf(config, command),
  });
  const manifests = [...back.manifests.values()].filter((manifest) => manifest !== undefined);
  const isKnown = manifests.length === parts.size;
  const snapshots = isKnown ? manifests.map(({ snapshot }) => new Date(snapshot.taken_at)) : [];
  const { startedAt, lastRequired } = back;
  const recovery = measureRecovery({ startedAt, lastRequired, snapshots, incidentAt }, config.policy);
  job.record({ recovery });
  holdAgainstPolicy(job, config.policy, {
    recovery,
    restored,
    isEncrypted: isKnown ? manifests.every(({ dump }) => dump?.encryption !== undefined) : undefined,
    isSigned: restored.length === 0 ? undefined : restored.every(({ backup }) => backup.signed_by !== undefined),
    // Without a manifest there was nothing to compare with.
    isChecksummed: isChecksummed && !isKnown ? undefined : isChecksummed,
    isolation: job.soFar().isolation,
    isKeptAsEvidence,
    brokeOff: back.brokeOff,
  });
  warnAboutLater(job, snapshots, incidentAt);
}

/** Which backup of each database was made or restored, as far as it came. */
export function restoredOf(parts: Map<string, PartOfJob>): Restored[] {
  return [...parts].flatMap(([database, part]) => {
    const { backup, ...others } = part.restored();
    return backup ? [{ database, backup, ...others }] : [];
  });
}

/** The compliance controls that a command's verdict is evidence for. */
export function controlsOf({ controls }: Config, command: string): string[] | undefined {
  const served = Object.entries(controls).filter(([, commands]) => commands.includes(command)).map(([name]) => name);
  return served.length > 0 ? served : undefined;
}
