import { is } from "../../system/define_finding.ts";
import type { Finding } from "../../verdict/verdict.ts";
import type { PreparedDump } from "../../dumps/prepare_dump.ts";
import { extensionNotCreated, preloadMissing } from "../../targets/findings.ts";
import type { Job } from "../../run/job.ts";
import type { DisposableOptions, RestoreTarget } from "../../targets/target.ts";
import type { RestoreDumpOptions } from "../../dumps/restore_archive.ts";
import { restoreDump } from "../../dumps/restore_dump.ts";
import type { RestoredDump } from "../../dumps/restore_plain_dump.ts";
import { makeDisposableTarget } from "../../targets/disposable_target.ts";
import type { Wanted } from "../../targets/wanted.ts";

/**
 * Restores a dump somewhere disposable. Where something in it says that it must be preloaded, and nothing said so before,
 * a throwaway cluster is made once more, with a server that preloads it.
 */
export async function restoreInto(
  job: Job,
  dump: PreparedDump,
  options: DisposableOptions & { jobs: number },
  wanted: Wanted,
  expected: RestoreDumpOptions["expected"],
): Promise<{ target: RestoreTarget; restored: RestoredDump }> {
  const { preload = { libraries: [], settings: [] } } = wanted;
  const target = await makeDisposableTarget(job, options, wanted);
  try {
    const restored = await job.phase(
      "restore",
      async (measure) => {
        const ownersAndGrants = target.keepsGrants;
        const restored = await restoreDump(job, dump, target, {
          jobs: options.jobs,
          expected,
          measure,
          ownersAndGrants,
        });
        await target.settleGrants?.();
        return restored;
      },
    );
    return { target, restored };
  } catch (error) {
    const further = librariesIn(error).filter((name) => !preload.libraries.includes(name));
    if (!target.cluster || further.length === 0) throw error;
    job.say(`restoring again, with ${further.join(", ")} preloaded`);
    const libraries = [...preload.libraries, ...further];
    return await restoreInto(job, dump, options, { ...wanted, preload: { ...preload, libraries } }, expected);
  }
}

/** The libraries that a restore lacks, if it lacks nothing else. */
function librariesIn(error: unknown): string[] {
  if (!(error instanceof AggregateError)) return [];
  const lacks: unknown[] = error.errors;
  // Why an extension could not be made is known to itself alone; its library is called as it is.
  if (!lacks.every((each) => is(each, preloadMissing, extensionNotCreated))) return [];
  return lacks.flatMap((each) => ((each as Error).cause as Finding).object?.toLowerCase().split(", ") ?? []);
}
