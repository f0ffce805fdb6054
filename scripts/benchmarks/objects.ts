import { HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { objectsCheck } from "../../lib/checks/objects/objects.ts";
import type { Check } from "../../lib/checks/kinds.ts";
import { runChecks } from "../../lib/checks/run_checks.ts";
import { checkContexts } from "../../lib/jobs/whole_system/check_context.ts";
import { runJob } from "../../lib/run/run_job.ts";
import { inParallel } from "../../lib/system/in_parallel.ts";
import { proofsTable } from "./big_database.ts";
import { type Figure, seconds, timePair } from "./measure.ts";
import { startBenchServer } from "./s3_server.ts";

const objects = 10_000;
const atOnce = 32;
const credentials = { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench", AWS_REGION: "us-east-1" };

/** The check `objects` of 10,000 keys and sizes that a table holds, against nothing but as many calls of HEAD. */
export async function checkedObjects(): Promise<Figure[]> {
  const keys = Array.from({ length: objects }, (_, i) => `proofs/${i + 1}.pdf`);
  for (const [name, value] of Object.entries(credentials)) Deno.env.set(name, value);
  await using server = startBenchServer(new Map(keys.map((key) => [key, "proof"])));
  const { endpoint } = server;
  const database = await proofsTable(objects);
  const options = {
    kind: "objects",
    name: "proofs",
    sql: "SELECT object_key AS key, size FROM proofs",
    bucket: "proofs",
    at_once: atOnce,
    timeout: "10m",
  };
  const check = objectsCheck.schema.parse(options) as unknown as Check;
  const signal = new AbortController().signal;
  const ours = async () => {
    const verdict = await runJob("drill", { signal, onProgress() {} }, async (job) => {
      const contextOf = checkContexts(job, {
        databases: new Map([["shop", { parameters: database.parameters }]]),
        buckets: new Map([["proofs", { address: "s3://bench", endpoint }]]),
        bucketOptions: {},
        files: [],
        apps: new Map(),
        recorded: new Map(),
        lastGoodDrill: () => Promise.resolve(undefined),
        startedAt: new Date(),
      });
      for (const { assertions } of await runChecks([check], contextOf, { signal })) job.assert(...assertions);
    });
    const looked = verdict.assertions.find(({ name }) => name === "proofs: looked_at");
    if (verdict.verdict !== "pass" || looked?.actual !== objects) throw new Error(JSON.stringify(verdict));
  };
  const floor = async () => {
    const client = new S3Client({ endpoint, forcePathStyle: true });
    await inParallel(keys, atOnce, async (Key) => {
      const { ContentLength } = await client.send(new HeadObjectCommand({ Bucket: "bench", Key }));
      if (ContentLength !== 5) throw new Error(`${Key}: ${ContentLength}`);
    });
    client.destroy();
  };
  const { ours: oursMs, floor: floorMs, ratio } = await timePair(ours, floor);
  return [{
    what: "check of 10,000 objects in S3 / as many bare HEAD calls, 32 at once",
    measured: `${ratio.toFixed(2)}× (${seconds(oursMs)} / ${seconds(floorMs)})`,
    asked: "≤ 1.3×",
  }];
}
