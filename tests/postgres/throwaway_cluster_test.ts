import assert from "node:assert/strict";
import { join } from "node:path";
import { makeThrowawayCluster } from "../../lib/postgres/throwaway_cluster.ts";
import { findServerTools } from "../../lib/postgres/tools.ts";

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
