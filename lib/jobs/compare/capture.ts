import { captureDatabase } from "../../manifest/capture_database.ts";
import { makeManifest } from "../../manifest/make_manifest.ts";
import type { Manifest } from "../../manifest/manifest.ts";
import { requireReadable } from "../../postgres/readability.ts";
import { acquireSnapshot } from "../../run/job.ts";
import { runJob } from "../../run/run_job.ts";
import { connectToServer, type NamedDatabaseOptions } from "../../targets/named_server.ts";
import type { Verdict } from "../../verdict/verdict.ts";

/** Which database to describe, and how. */
interface CaptureManifestOptions extends NamedDatabaseOptions {
  jobs: number;
  distribution: { target: string; hashValues: boolean }[];
  enableRowSecurity?: boolean;
  lockTimeoutMs: number;
}

/** Captures the manifest of a database as it is now; a verdict without manifest if that fails. */
export async function captureManifest(
  options: CaptureManifestOptions,
): Promise<{ verdict: Verdict; manifest?: Manifest }> {
  let manifest: Manifest | undefined;
  const verdict = await runJob("manifest", options, async (job) => {
    const { enableRowSecurity = false, lockTimeoutMs, jobs, distribution } = options;
    const { sql, parameters } = await job.phase("preflight", async () => {
      const reached = await connectToServer(job, options);
      job.record({ postgres: { server: reached.server.version, target: "named" } });
      return reached;
    });
    await requireReadable(sql, enableRowSecurity);
    const snapshot = await job.phase(
      "snapshot",
      () => acquireSnapshot(job, parameters, { sessions: jobs, lockTimeoutMs, enableRowSecurity }),
    );
    const captured = await job.phase("manifest", (measure) => captureDatabase(snapshot, { distribution, measure }));
    manifest = makeManifest(captured, snapshot, { enableRowSecurity });
  });
  return { verdict, ...(verdict.verdict === "pass" && { manifest }) };
}
