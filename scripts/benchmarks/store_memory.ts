import { fileURLToPath } from "node:url";
import { openStore } from "../../lib/storage/open_store.ts";
import { summed } from "../../lib/system/checksums.ts";
import type { Figure } from "./measure.ts";
import { contents, startBenchServer } from "./s3_server.ts";

const MiB = 1024 * 1024;

/** What a process that uploads and downloads an object of this size takes at most. */
export async function storeMemory(sizesMiB: number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizesMiB) {
    await using server = startBenchServer();
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--v8-flags=--max-semi-space-size=4", // as scripts/pgrehearse runs it
        "--quiet",
        "--no-prompt",
        "--allow-all",
        fileURLToPath(import.meta.url),
        server.endpoint,
        `${size}`,
      ],
      env: { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench", AWS_REGION: "us-east-1" },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    const { peakMiB, upMs, downMs } = JSON.parse(new TextDecoder().decode(stdout));
    const rate = (ms: number) => `${Math.round(size / (ms / 1000))} MiB/s`;
    figures.push({
      what: `an S3 object of ${size} MiB, written and read: peak memory (${rate(upMs)} up, ${rate(downMs)} down)`,
      measured: `${Math.round(peakMiB)} MiB`,
      asked: "≤ 250 MB",
    });
  }
  return figures;
}

if (import.meta.main) {
  const [endpoint, size] = Deno.args;
  const store = await openStore("s3://bench/x", { endpoint });
  const start = performance.now();
  const written = await store.write("object", contents(Number(size) * MiB));
  const middle = performance.now();
  const arriving = summed(store.read("object"));
  for await (const _ of arriving.body);
  const end = performance.now();
  if (arriving.sum().sizeBytes !== written.sizeBytes) throw new Error("not what was written");
  const peakKiB = /VmHWM:\s+(\d+) kB/.exec(await Deno.readTextFile("/proc/self/status"))![1];
  console.log(JSON.stringify({ peakMiB: Number(peakKiB) / 1024, upMs: middle - start, downMs: end - middle }));
  Deno.exit(0);
}
