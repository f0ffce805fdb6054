import assert from "node:assert/strict";
import type { ProgramOutput } from "../pgrehearse.ts";
import { databasesOf, endOf, orders, ordersIn, type RestoreGround } from "./ground.ts";

/** The restore succeeded, and put so many orders there; all else is as it was. */
export async function requireRestored(
  { server }: RestoreGround,
  output: ProgramOutput,
  count: number,
  { target = "shop" } = {},
): Promise<void> {
  const { status, verdict, codes } = endOf(output);
  assert.equal(status, 0, JSON.stringify(codes));
  assert.equal(verdict.proof, "exact");
  assert.equal(await ordersIn(server, target), count, `orders in ${target}`);
  if (target !== "shop") assert.equal(await ordersIn(server, "shop"), orders.damaged);
  if (target !== "accounts") assert.equal(await ordersIn(server, "accounts"), orders.accounts);
}

/** The status says that nothing came back, and nothing was touched. */
export async function requireUntouched(
  { server, admin }: RestoreGround,
  output: ProgramOutput,
  code?: string,
): Promise<void> {
  const { status, verdict, codes } = endOf(output);
  assert.ok(status === 2 || status === 1, `it ended with ${status}: ${codes}`);
  if (code !== undefined) assert.ok(codes.includes(code), `${codes} instead of ${code}`);
  assert.deepEqual(
    [await ordersIn(server, "shop"), await ordersIn(server, "accounts")],
    [orders.damaged, orders.accounts],
  );
  // A copy that is kept beside is named.
  const named = verdict.notes?.filter(({ code }) => code === "RESTORED_BESIDE").map(({ object }) => object) ?? [];
  assert.deepEqual((await databasesOf(admin)).filter((name) => !["shop", "accounts", ...named].includes(name)), []);
}

/** Either of them: some accidents come too late, or do not matter. */
export async function requireRestoredOrUntouched(
  ground: RestoreGround,
  output: ProgramOutput,
  count: number,
): Promise<void> {
  if (endOf(output).status === 0) await requireRestored(ground, output, count);
  else await requireUntouched(ground, output);
}
