import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { list } from "../../lib/jobs/store/list.ts";
import { backupName, momentName } from "../../lib/storage/backup_name.ts";
import { type Figure, timePair } from "./measure.ts";
import { startBenchServer } from "./s3_server.ts";

const backups = 10_000;
const credentials = { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench", AWS_REGION: "us-east-1" };

/** `list` of a prefix of 10,000 drilled backups, against nothing but the list calls. */
export async function listing(): Promise<Figure[]> {
  const texts = new Map<string, string>();
  for (let i = 0; i < backups; i++) {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 3_600_000);
    const name = `pg/${backupName("shop", at)}`;
    texts.set(`${name}.dump`, "dump");
    texts.set(
      `${name}.manifest.json`,
      `{"schema":"pgrehearse.manifest/v1","postgres":{"server":"15.18"},${" ".repeat(50_000)}}`,
    );
    texts.set(
      `${name}.drill-${momentName(at)}.json`,
      '{"schema":"pgrehearse.verdict/v1","command":"drill","verdict":"pass","proof":"exact"}',
    );
  }
  for (const [name, value] of Object.entries(credentials)) Deno.env.set(name, value);
  await using server = startBenchServer(texts);
  const { endpoint } = server;
  const ours = async () => {
    const verdict = await list({
      from: "s3://bench/pg",
      endpoint,
      limit: 50,
      env: {},
      signal: new AbortController().signal,
      onProgress() {},
    });
    if (verdict.backup_count !== backups || verdict.backups?.[49].drill?.verdict !== "pass") {
      throw new Error(JSON.stringify(verdict));
    }
  };
  const floor = async () => {
    const client = new S3Client({ endpoint, forcePathStyle: true });
    let keys = 0;
    let ContinuationToken: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: "bench", Prefix: "pg/", ContinuationToken }),
      );
      keys += page.Contents!.length;
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    if (keys !== 3 * backups) throw new Error(`${keys} keys`);
    client.destroy();
  };
  const { ours: oursMs, floor: floorMs, ratio } = await timePair(ours, floor);
  return [{
    what: "`list` of 10,000 backups in S3 / the bare list calls",
    measured: `${ratio.toFixed(2)}× (${(oursMs / 1000).toFixed(2)} s / ${(floorMs / 1000).toFixed(2)} s)`,
    asked: "< 2×",
  }];
}
