import assert from "node:assert/strict";
import { approved, endOf, orders, ordersIn, type RestoreGround } from "./ground.ts";
import type { Situation } from "./situation.ts";

/** Interrupted when a phase begins; then, as the message says, run again. */
export const interruptions: Situation[] = ["--swap", "--in-place"].flatMap((way) =>
  ["fetch", "safety_backup", "restore", "compare"].flatMap((phase) =>
    (["SIGINT", "SIGTERM", "SIGKILL"] as const).map((signal) => ({
      name: `${signal} when ${phase} begins, ${way}, and once more`,
      attempt: (ground: RestoreGround) => interrupt(ground, way, phase, signal),
    }))
  )
);

async function interrupt(ground: RestoreGround, way: string, phase: string, signal: Deno.Signal): Promise<void> {
  const args = ["--latest", way, ...approved(), "--terminate-connections"];
  const program = ground.start(args);
  await program.untilItSays(`  ${phase} `);
  program.kill(signal);
  const output = await program.output();
  assert.equal(await ordersIn(ground.server, "accounts"), orders.accounts);
  // Interrupted too late, it is done; killed, or while it compares what is committed, it may be either.
  const now = await untilReadable(ground);
  const mayBeEither = signal === "SIGKILL" || (way === "--in-place" && phase === "compare");
  if (output.status === 0) assert.equal(now, orders.second);
  else if (mayBeEither) assert.ok(now === orders.damaged || now === orders.second, `${now} orders`);
  else assert.deepEqual([output.status, now], [signal === "SIGINT" ? 130 : 143, orders.damaged]);
  const again = endOf(await ground.restore(args));
  assert.equal(again.status, 0, JSON.stringify(again.codes));
  assert.equal(await ordersIn(ground.server, "shop"), orders.second);
  assert.equal(await ordersIn(ground.server, "accounts"), orders.accounts);
}

/** What a killed session held is let go by the server a moment later. */
async function untilReadable({ server }: RestoreGround): Promise<number | undefined> {
  for (const deadline = Date.now() + 10_000;;) {
    const count = await ordersIn(server, "shop");
    if (count !== undefined || Date.now() > deadline) return count;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
