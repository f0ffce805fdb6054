import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import { bringBack } from "../whole_system/bring_back.ts";
import { lastVerdict } from "../whole_system/earlier_drills.ts";
import { drillBackup, type DrillOptions } from "./drill_backup.ts";

/** Drills every database of a configuration, with its steps and its policy. */
export async function drillSystem(job: Job, config: Config, options: DrillOptions, startedAt: Date): Promise<void> {
  const [lead] = Object.keys(config.databases);
  await bringBack(job, config, {
    command: "drill",
    options,
    startedAt,
    isChecksummed: options.checksum,
    intoServer: options.into !== undefined,
    copies: true,
    previous: () => lastVerdict(job, options, lead),
    async restoreDatabase(_, which, part) {
      const drilled = await drillBackup(part, { ...options, ...which }, job);
      return drilled && { parameters: drilled.target.parameters, manifest: drilled.fetched.manifest };
    },
    // What would be brought back from a copy is looked at where it lies.
    bringObjects: () => Promise.resolve(),
  });
}
