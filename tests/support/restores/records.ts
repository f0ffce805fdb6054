import assert from "node:assert/strict";
import { join } from "node:path";
import type { IncidentRecord } from "../../../lib/jobs/restore/incident_record.ts";
import type { ProgramOutput } from "../pgrehearse.ts";
import { approved, approvedSwap, endOf, orders, ordersIn, type RestoreGround } from "./ground.ts";
import { requireRestored } from "./requirements.ts";
import type { Situation } from "./situation.ts";

const again = ["--terminate-connections"];

const recordOf = (output: ProgramOutput) => endOf(output).verdict.restore_record!;

async function changed(path: string, change: (record: IncidentRecord) => void): Promise<string> {
  const record = JSON.parse(await Deno.readTextFile(path));
  change(record);
  const forged = path.replace(/restore-\w+(-\d+)?\.json$/, "restore-20260101T000000Z.json");
  await Deno.writeTextFile(forged, JSON.stringify(record));
  return forged;
}

async function requireRefused({ server }: RestoreGround, output: ProgramOutput, count: number): Promise<void> {
  const { status, codes } = endOf(output);
  assert.ok(status === 1 || status === 2, `it ended with ${status}: ${codes}`);
  assert.ok(!codes.includes("INTERNAL_ERROR"), `${codes}`);
  assert.deepEqual(
    [await ordersIn(server, "shop"), await ordersIn(server, "accounts")],
    [count, orders.accounts],
  );
}

/** Brings the newest backup back beside `live`, and returns its record. */
async function beside(ground: RestoreGround): Promise<string> {
  const output = await ground.restore([ground.backups.second, "--target-url", ground.server.url("live")]);
  assert.equal(endOf(output).status, 0, JSON.stringify(endOf(output).codes));
  return recordOf(output);
}

const forgeries: Record<string, (record: IncidentRecord) => void> = {
  "that names another server": ({ target }) => target.system_identifier = "1",
  "that names another database": ({ target }) => target.database = "accounts",
  "that gives accounts the name of shop": ({ renamed }) => renamed[0].to = "accounts",
  "with databases that were not these": ({ renamed }) => renamed.forEach((each) => each.oid++),
  "of more than a swap renames": ({ renamed }) => renamed.push({ from: "a", to: "b", oid: 1 }),
  "without what it renamed": (record) => delete (record as Partial<IncidentRecord>).renamed,
};

/** Records of other restores, and forged ones. */
export const records: Situation[] = [
  ...Object.entries(forgeries).map(([what, forge]): Situation => ({
    name: `undone by a record ${what}`,
    async attempt(ground) {
      const swapped = await ground.restore(["--latest", ...approvedSwap()]);
      await requireRestored(ground, swapped, orders.second);
      const forged = await changed(recordOf(swapped), forge);
      await requireRefused(ground, await ground.restore(["--undo", forged, ...approved(), ...again]), orders.second);
    },
  })),
  {
    name: "undone by a record that is cut short",
    async attempt(ground) {
      const swapped = await ground.restore(["--latest", ...approvedSwap()]);
      await Deno.truncate(recordOf(swapped), 300);
      const undone = await ground.restore(["--undo", recordOf(swapped), ...approved(), ...again]);
      await requireRefused(ground, undone, orders.second);
    },
  },
  {
    name: "undone by the record of the swap before the last",
    async attempt(ground) {
      const first = await ground.restore([ground.backups.first, ...approvedSwap()]);
      await requireRestored(ground, first, orders.first);
      const second = await ground.restore([ground.backups.second, ...approvedSwap(), ...again]);
      await requireRestored(ground, second, orders.second);
      const undo = (record: string) => ground.restore(["--undo", record, ...approved(), ...again]);
      await requireRefused(ground, await undo(recordOf(first)), orders.second);
      assert.equal(endOf(await undo(recordOf(second))).status, 0);
      assert.equal(await ordersIn(ground.server, "shop"), orders.first);
      assert.equal(endOf(await undo(recordOf(first))).status, 0);
      assert.equal(await ordersIn(ground.server, "shop"), orders.damaged);
    },
  },
  {
    name: "put in place after somebody changed it",
    async attempt(ground) {
      const record = await beside(ground);
      const { restored_database } = JSON.parse(await Deno.readTextFile(record));
      const sql = await ground.server.connect(restored_database);
      await sql`UPDATE orders SET customer = 'other' WHERE id = 1`;
      await sql.end();
      const promoted = await ground.restore(["--promote", record, ...approved(), ...again]);
      await requireRefused(ground, promoted, orders.damaged);
    },
  },
  {
    name: "put in place after it was dropped",
    async attempt(ground) {
      const record = await beside(ground);
      const { restored_database } = JSON.parse(await Deno.readTextFile(record));
      await ground.admin`DROP DATABASE ${ground.admin(restored_database)}`;
      await requireRefused(
        ground,
        await ground.restore(["--promote", record, ...approved(), ...again]),
        orders.damaged,
      );
    },
  },
  {
    name: "put in place by a record that names accounts",
    async attempt(ground) {
      const [{ oid }] = await ground.admin<{ oid: number }[]>`
        SELECT oid::int8::int4 AS oid FROM pg_database WHERE datname = 'accounts'`;
      const forged = await changed(await beside(ground), (record) => {
        record.restored_database = "accounts";
        record.restored_oid = oid;
      });
      await requireRefused(
        ground,
        await ground.restore(["--promote", forged, ...approved(), ...again]),
        orders.damaged,
      );
    },
  },
  {
    name: "two of one backup at once, each with a record of its own, and both put in place in turn",
    async attempt(ground) {
      const both = await Promise.all([1, 2].map(() => beside(ground)));
      assert.notEqual(both[0], both[1]);
      for (const record of both) {
        const promoted = await ground.restore(["--promote", record, ...approved(), ...again]);
        await requireRestored(ground, promoted, orders.second);
      }
    },
  },
  {
    name: "a store that is full of records of others",
    async attempt(ground) {
      for (let n = 10; n < 60; n++) {
        await Deno.writeTextFile(join(ground.store, `${ground.backups.second}.restore-202601010000${n}Z.json`), "{}");
      }
      await requireRestored(ground, await ground.restore(["--latest", ...approvedSwap()]), orders.second);
      const undone = await ground.restore(["--undo", ...approved(), ...again]);
      assert.equal(endOf(undone).status, 0, JSON.stringify(endOf(undone).codes));
      assert.equal(await ordersIn(ground.server, "shop"), orders.damaged);
    },
  },
];
