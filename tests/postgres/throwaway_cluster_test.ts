import assert from "node:assert/strict";
import { join } from "node:path";
import { makeThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { withSession } from "../../lib/postgres/connection/connect.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";
import { startTestServer } from "../support/server.ts";

Deno.test("throwaway cluster: a log that code in it exchanged for a link or a pipe is not read", async () => {
  const secret = await Deno.makeTempFile();
  await Deno.writeTextFile(secret, "precious");
  const cluster = await makeThrowawayCluster(await findServerTools());
  try {
    assert.match(await cluster.readLog(0), /ready to accept connections/);
    const log = join(cluster.directory, "server.log");
    await Deno.remove(log);
    await Deno.symlink(secret, log);
    await assert.rejects(cluster.readLog(0), { code: "NOT_A_FILE", message: /a link/ });
    await assert.rejects(cluster.endOfLog(), { code: "NOT_A_FILE" });
    await Deno.remove(log);
    assert.ok((await new Deno.Command("mkfifo", { args: [log] }).output()).success);
    await assert.rejects(cluster.readLog(0), { code: "NOT_A_FILE", message: /a FIFO/ });
  } finally {
    await cluster.close();
    await Deno.remove(secret);
  }
});

Deno.test("throwaway cluster: a socket that code in it exchanged for a link to another server is not connected to", async () => {
  await using production = await startTestServer();
  const cluster = await makeThrowawayCluster(await findServerTools());
  try {
    const socket = join(cluster.directory, ".s.PGSQL.5432");
    await Deno.remove(socket);
    await Deno.symlink(join(production.parameters.hosts[0], `.s.PGSQL.${production.parameters.ports[0]}`), socket);
    const directory = await withSession(cluster.parameters, {}, async (sql) => {
      const [{ directory }] = await sql<{ directory: string }[]>`SELECT current_setting('data_directory') AS directory`;
      return directory;
    });
    assert.equal(directory, join(cluster.directory, "data"));
  } finally {
    await cluster.close();
  }
  for (const path of [cluster.directory, `${cluster.directory}.socket`]) {
    await assert.rejects(Deno.lstat(path), Deno.errors.NotFound);
  }
});
