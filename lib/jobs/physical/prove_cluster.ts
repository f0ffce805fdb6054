import { checkRelations, installAmcheck, promote } from "../../physical/check_relations.ts";
import type { ControlData } from "../../physical/control_data.ts";
import { notVerifiable, relationsNotChecked } from "../../physical/findings/recovery.ts";
import { lookAtCluster } from "../../physical/look_at_cluster.ts";
import type { RecoveredCluster } from "../../physical/recover.ts";
import { type RestoredFiles, verifyPages } from "../../physical/verify_files.ts";
import type { Job } from "../../run/job.ts";
import { asserting } from "./asserting.ts";
import type { PhysicalDrillOptions } from "./physical_options.ts";

/** A cluster that was recovered, and what it was made of. */
interface Proven {
  cluster: RecoveredCluster;
  files: RestoredFiles;
  control: ControlData;
  options: PhysicalDrillOptions;
}

/**
 * Looks at a recovered cluster: at what it holds while it is read-only, then at every table and index, at last, stopped, at
 * every page. Records what the verdict covers.
 *
 * @param check What else looks at it, while it is read-only; what was compared exactly, if anything.
 */
export async function proveCluster(
  job: Job,
  proven: Proven,
  check: () => Promise<string[] | undefined>,
): Promise<void> {
  const { cluster, files, control, options } = proven;
  const covers = [
    "target",
    ...job.soFar().assertions.some(({ name }) => name === "files_whole")
      ? [options.verify === "quick" ? "file sizes" : "files"]
      : [],
    ...job.soFar().assertions.some(({ name, ok }) => name === "repository_whole" && ok) ? ["repository"] : [],
  ];
  const contents = await job.phase("look", () => lookAtCluster(cluster, files.tools.major));
  covers.push("databases", "roles", "collation versions");
  job.find(...contents.findings);
  const exact = await check();
  covers.push(...exact ?? []);
  if (options.verify !== "quick") {
    const without = contents.databases.filter((name) => !contents.withAmcheck.includes(name));
    const isChecked = without.length === 0 || contents.isAmcheckAvailable;
    if (!isChecked) job.find(relationsNotChecked.extension());
    else {
      const found = await job.phase("relations", async () => {
        if (without.length > 0) {
          job.find(...await promote(cluster));
          await installAmcheck(cluster, without);
        }
        const { jobs, verify } = options;
        const { databases } = contents;
        return await checkRelations(cluster, files, { databases, jobs, heapAllIndexed: verify === "full" });
      });
      const actual = found.every(({ severity }) => severity === "warning");
      job.expect("relations_sound", { expected: true, actual }, ...found);
      if (found.length === 0) covers.push("tables", options.verify === "full" ? "indexes with every row" : "indexes");
    }
    if (control.hasChecksums) {
      await job.phase("pages", async () => {
        await cluster.server.stop();
        await asserting(job, "pages_whole", () => verifyPages({ ...files, mapped: cluster.mapped }));
      });
      covers.push("pages");
    } else job.find(notVerifiable.checksums());
  }
  job.record({ covers, proof: exact ? "exact" : "recovered" });
}
