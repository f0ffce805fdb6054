import { join } from "node:path";
import { bigTable } from "./big_database.ts";
import { type Figure, ratioFigure, timePair } from "./measure.ts";
import { runProgram } from "./program.ts";
import { startBenchServer } from "./s3_server.ts";

/** `backup` to a bucket on loopback against `backup` to a directory. */
export async function storedBackup(): Promise<Figure[]> {
  const { url } = await bigTable();
  const directory = await Deno.makeTempDir();
  await using server = startBenchServer();
  const credentials = { AWS_ACCESS_KEY_ID: "bench", AWS_SECRET_ACCESS_KEY: "bench", AWS_REGION: "us-east-1" };
  for (const [name, value] of Object.entries(credentials)) Deno.env.set(name, value);
  const backup = ["backup", "--quiet", "--db-url", url, "--to"];
  try {
    const pair = await timePair(
      () => runProgram([...backup, "s3://bench/x", "--endpoint", server.endpoint]),
      () => runProgram([...backup, join(directory, "local")]),
      { runs: 5, tidy: () => Deno.remove(join(directory, "local"), { recursive: true }) },
    );
    return [ratioFigure("`backup` to S3 on loopback / to a directory", pair, "≤ 1.1×")];
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
