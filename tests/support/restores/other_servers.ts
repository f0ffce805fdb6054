import assert from "node:assert/strict";
import { startGermanServer } from "../german_server.ts";
import { startStandbyPair } from "../standby.ts";
import { approvedInPlace, approvedSwap, endOf, makeDatabase, orders, ordersIn, type RestoreGround } from "./ground.ts";
import type { Situation } from "./situation.ts";
import type { TestServer } from "../server.ts";

const ways = { "by a swap": approvedSwap, "in place": approvedInPlace };

async function speaksGerman(): Promise<boolean> {
  const server = await startGermanServer();
  await server?.[Symbol.asyncDispose]();
  return server !== undefined;
}

/** A server that speaks German, with a damaged `shop`. */
async function onGermanServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  await using server = (await startGermanServer())!;
  const admin = await server.connect();
  await makeDatabase(admin, server, "shop", orders.damaged);
  await admin.end();
  await work(server);
}

/** Other servers than the one that the backups are of. */
export const otherServers: Situation[] = Object.entries(ways).flatMap(([way, how]): Situation[] => [
  {
    name: `a server that speaks German, ${way}`,
    isPossible: speaksGerman,
    attempt: (ground) =>
      onGermanServer(async (server) => {
        const output = await ground.restore(["--latest", ...how(), "--target-url", server.url("shop")]);
        assert.equal(endOf(output).verdict.proof, "exact", JSON.stringify(endOf(output).codes));
        assert.equal(await ordersIn(server, "shop"), orders.second);
      }),
  },
  {
    name: `a dump that breaks half way, on a server that speaks German, ${way}`,
    isPossible: speaksGerman,
    attempt: (ground) =>
      onGermanServer(async (server) => {
        const backup = await breakHalfWay(ground);
        const output = await ground.restore([backup, ...how(), "--target-url", server.url("shop")]);
        const { status, codes } = endOf(output);
        assert.ok(status === 1 && codes.includes("RESTORE_FAILED"), `${status}: ${codes}`);
        assert.equal(await ordersIn(server, "shop"), orders.damaged);
      }),
  },
  {
    name: `a standby as the target, ${way}`,
    async attempt(ground) {
      await using pair = await startStandbyPair();
      const output = await ground.restore([
        "--latest",
        ...how("postgres"),
        "--database",
        "shop",
        "--target-url",
        pair.standbyUrl(),
      ]);
      const { status, codes } = endOf(output);
      assert.equal(status, 2, `${codes}`);
      assert.ok(!codes.includes("INTERNAL_ERROR"), `${codes}`);
      const beside = endOf(
        await ground.restore(["--latest", "--database", "shop", "--target-url", pair.standbyUrl("shop")]),
      );
      assert.equal(beside.status, 2, `${beside.codes}`);
      assert.equal(await ordersIn(ground.server, "shop"), orders.damaged);
    },
  },
]);

/** Backs up a database whose rows refer to none, and so cannot be restored. */
async function breakHalfWay({ server, admin, store }: RestoreGround): Promise<string> {
  const { makeBackup } = await import("../jobs.ts");
  await makeDatabase(admin, server, "orphans", 5);
  const sql = await server.connect("orphans");
  await sql.unsafe(`
    CREATE TABLE items (id integer REFERENCES orders);
    SET session_replication_role = replica;
    INSERT INTO items VALUES (77)`).simple();
  await sql.end();
  return await makeBackup(server.url("orphans"), store);
}
