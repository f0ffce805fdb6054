import type { Config } from "../../config/read_config.ts";
import type { Job } from "../../run/job.ts";
import { bringBack } from "../whole_system/bring_back.ts";
import { bucketCopies, copyBuckets } from "../whole_system/copy_buckets.ts";
import { noTarget, sameTarget } from "./findings/targets.ts";
import { requireBeforeReplacing } from "./require_before_replacing.ts";
import { requireSet } from "./require_set.ts";
import { restoreDatabase } from "./restore_database.ts";
import type { RestoreOptions } from "./restore_target.ts";
import { safetyOptionsOf } from "./safety_backup.ts";

/** Brings a whole system back: every database, its buckets, and its applications for as long as they are looked at. */
export async function restoreSystem(job: Job, config: Config, given: RestoreOptions, startedAt: Date): Promise<void> {
  const options = { ...given, ...safetyOptionsOf(config) };
  const targets = new Map(Object.keys(config.databases).map((name) => [name, targetOf(config, options, name)]));
  await bringBack(job, config, {
    command: "restore",
    options,
    startedAt,
    isChecksummed: true,
    intoServer: true,
    copies: false,
    async beforehand(set) {
      if (options.mode !== "new") {
        await requireBeforeReplacing(job, config.policy, set.values(), { ...options, startedAt });
      }
      const members = [...targets].map(([name, targetUrl]) => ({ name, which: set.get(name)!, targetUrl }));
      if (members.length > 1) await job.phase("preflight", () => requireSet(job, members, options));
    },
    restoreDatabase: (name, which, part) =>
      restoreDatabase(part, { ...options, ...which, targetUrl: targets.get(name)! }, job),
    async bringObjects(buckets) {
      const wanted = bucketCopies(config, "from_copy").filter(({ name }) => buckets.includes(name));
      await copyBuckets(job, wanted, { isRestore: true });
    },
  });
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
