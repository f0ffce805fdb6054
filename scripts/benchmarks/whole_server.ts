import { join } from "node:path";
import { startTestServer } from "../../tests/support/server.ts";
import { type Figure, timePair } from "./measure.ts";
import { runProgram } from "./program.ts";

const databases = 50;

/** `backup --all-databases` of 50 small databases, against 50 backups of one each. */
export async function wholeServer(): Promise<Figure[]> {
  await using server = await startTestServer();
  const names: string[] = [];
  for (let n = 0; n < databases; n++) {
    const name = await server.makeDatabase();
    names.push(name);
    const sql = await server.connect(name);
    await sql.unsafe(
      "CREATE TABLE orders AS SELECT n AS id, repeat('x', 100) AS note FROM generate_series(1, 1000) AS n",
    );
    await sql.end();
  }
  const directory = await Deno.makeTempDir({ prefix: "pgr-bench-server-" });
  let stores = 0;
  const newStore = () => join(directory, String(++stores));
  const all = () => runProgram(["backup", "--all-databases", "--db-url", server.url(), "--to", newStore(), "--quiet"]);
  const single = async () => {
    const store = newStore();
    for (const name of names) await runProgram(["backup", "--db-url", server.url(name), "--to", store, "--quiet"]);
  };
  const { ours, floor, ratio } = await timePair(all, single, { runs: 1 });
  await Deno.remove(directory, { recursive: true });
  return [{
    what: `\`backup --all-databases\` of ${databases} databases / ${databases} backups of one each`,
    measured: `${ratio.toFixed(2)}× (${(ours / 1000).toFixed(1)} s / ${(floor / 1000).toFixed(1)} s)`,
    asked: "≤ 1.1×",
  }];
}
