import assert from "node:assert/strict";
import { join } from "node:path";
import type { ProgramOutput } from "../pgrehearse.ts";
import {
  approved,
  approvedInPlace,
  approvedSwap,
  databasesOf,
  endOf,
  makeDatabase,
  orders,
  ordersIn,
  type RestoreGround,
} from "./ground.ts";
import { fullDisks } from "./full_disks.ts";
import { interruptions } from "./interruptions.ts";
import { otherServers } from "./other_servers.ts";
import { records } from "./records.ts";
import { requireRestored, requireRestoredOrUntouched, requireUntouched } from "./requirements.ts";
import type { Situation } from "./situation.ts";

/** How it is brought back, and where the rows are afterwards. */
const ways: Record<string, { args: string[]; targetOf: (output: ProgramOutput) => Promise<string> }> = {
  beside: { args: [], targetOf: restoredName },
  "by a swap": { args: approvedSwap(), targetOf: () => Promise.resolve("shop") },
  "in place": { args: approvedInPlace(), targetOf: () => Promise.resolve("shop") },
};

async function restoredName(output: ProgramOutput): Promise<string> {
  const record = await Deno.readTextFile(endOf(output).verdict.restore_record!);
  return JSON.parse(record).restored_database;
}

/** Which backup is meant, and which orders it has. */
const choices: Record<string, { args: (ground: RestoreGround) => string[]; count: number }> = {
  "the newest": { args: () => ["--latest"], count: orders.second },
  "the newest of that database": { args: () => ["--latest", "--database", "shop"], count: orders.second },
  "the newest before a moment": { args: ({ between }) => ["--before", between], count: orders.first },
  "the newest before the incident": {
    args: ({ between }) => ["--latest", "--incident-at", between],
    count: orders.first,
  },
  "the newest that passed a drill": { args: () => ["--latest", "--drilled"], count: orders.first },
  "one by its name": { args: ({ backups }) => [backups.first], count: orders.first },
  "one by its manifest": {
    args: ({ backups, store }) => [join(store, `${backups.first}.manifest.json`)],
    count: orders.first,
  },
};

const chosen: Situation[] = Object.entries(choices).flatMap(([choice, { args, count }]) =>
  Object.entries(ways).map(([way, { args: how, targetOf }]) => ({
    name: `${choice}, ${way}`,
    async attempt(ground) {
      // Beside its own source nothing is restored without saying so.
      const target = way === "beside" ? ["--target-url", ground.server.url("shop_again")] : [];
      const database = args(ground).includes("--latest") || args(ground).includes("--before")
        ? ["--database=shop"]
        : [];
      const output = await ground.restore([...args(ground), ...target, ...way === "beside" ? database : [], ...how]);
      if (way !== "beside") return await requireRestored(ground, output, count);
      assert.equal(endOf(output).status, 0, JSON.stringify(endOf(output).codes));
      assert.equal(await ordersIn(ground.server, await targetOf(output)), count);
      assert.equal(await ordersIn(ground.server, "shop"), orders.damaged);
    },
  }))
);

/** Something is wrong with the backup, the store or what is asked for: refused, whichever way. */
const refused: Record<string, { args: (ground: RestoreGround) => string[]; before?: Prepare; code?: string }> = {
  "a name that no backup has": { args: () => ["shop-20000101T000000Z"], code: "BACKUP_MISSING" },
  "an empty store": { args: ({ directory }) => ["--latest", "--from", join(directory, "tmp")] },
  "a store that is not there": { args: ({ directory }) => ["--latest", "--from", join(directory, "nowhere")] },
  "a store that is a file": {
    args: ({ store, backups }) => ["--latest", "--from", join(store, `${backups.first}.dump`)],
  },
  "no backup before that moment": { args: () => ["--before", "2020-01-01T00:00:00Z"] },
  "a dump with a bit turned": { args: () => ["--latest"], before: (ground) => spoil(ground, "second", turn) },
  "a dump cut short": {
    args: () => ["--latest"],
    before: (ground) => spoil(ground, "second", (path) => Deno.truncate(path, 500)),
  },
  "a dump of 0 bytes": {
    args: () => ["--latest"],
    before: (ground) => spoil(ground, "second", (path) => Deno.truncate(path, 0)),
  },
  "a dump that is gone": {
    args: () => ["--latest"],
    before: (ground) => spoil(ground, "second", (path) => Deno.remove(path)),
  },
  "another backup's dump": {
    args: ({ backups }) => [backups.second],
    before: ({ store, backups }) =>
      Deno.copyFile(join(store, `${backups.first}.dump`), join(store, `${backups.second}.dump`)),
  },
  "a table whose name is misspelt": { args: () => ["--latest", "--table", "ordesr"] },
  "a schema that is not there": { args: () => ["--latest", "--schema", "nosuch"] },
  "a database that is in no backup": { args: () => ["--latest", "--database", "shpo"] },
  "a server that is not there": {
    args: () => ["--latest", "--wait", "0", "--target-url", "postgresql://postgres@127.0.0.1:1/shop"],
    code: "CANNOT_CONNECT",
  },
  "a role that is not there": {
    args: (
      { server },
    ) => ["--latest", "--wait", "0", "--target-url", server.url("shop").replace("postgres@", "nobody_at_all@")],
  },
  "a target that is a template": {
    args: ({ server }) => ["--latest", "--database", "shop", "--target-url", server.url("template1")],
    code: "TARGET_IS_TEMPLATE",
  },
};
type Prepare = (ground: RestoreGround) => Promise<unknown>;

const turnedAway: Situation[] = Object.entries(refused).flatMap(([what, { args, before, code }]) =>
  [approvedSwap, approvedInPlace].map((way) => ({
    name: `${what}, ${way === approvedSwap ? "by a swap" : "in place"}`,
    async attempt(ground) {
      await before?.(ground);
      const target = what.includes("template") ? "template1" : "shop";
      await requireUntouched(ground, await ground.restore([...args(ground), ...way(target)]), code);
    },
  }))
);

/** Approvals that are not complete. */
const unapproved: Situation[] = ["--swap", "--in-place"].flatMap((way) =>
  [
    ["another name typed back", [...approved().slice(0, -1), "shopp"]],
    ["no name typed back", approved().slice(0, -2)],
    ["nobody who operates", approved().slice(2)],
    ["nobody who approved", [...approved().slice(0, 2), ...approved().slice(4)]],
    ["no reason", [...approved().slice(0, 4), ...approved().slice(6)]],
  ].map(([what, args]) => ({
    name: `${what}, ${way}`,
    attempt: async (ground: RestoreGround) =>
      await requireUntouched(ground, await ground.restore(["--latest", way, ...args as string[]])),
  }))
);

const oddNames = ['sh"op', "sh op", "Shop", "магазин", "x".repeat(63), "sh'op; DROP DATABASE accounts"];

const named: Situation[] = oddNames.flatMap((name) =>
  [approvedSwap, approvedInPlace].map((way) => ({
    name: `a target named ${name}, ${way === approvedSwap ? "by a swap" : "in place"}`,
    async attempt(ground) {
      await makeDatabase(ground.admin, ground.server, name, orders.damaged);
      const target = ["--target-url", ground.server.url(name)];
      const output = await ground.restore([ground.backups.second, ...target, ...way(name)]);
      await requireRestored(ground, output, orders.second, { target: name });
    },
  }))
);

const others: Situation[] = [
  {
    name: "the other database's backup by the target's name",
    async attempt(ground) {
      const target = ["--target-url", ground.server.url("accounts")];
      const output = await ground.restore(["--latest", ...target, ...approvedSwap("accounts")]);
      await requireRestored(ground, output, orders.accounts, { target: "accounts" });
    },
  },
  {
    name: "once more after a swap: the safety backup is not the newest",
    async attempt(ground) {
      await requireRestored(ground, await ground.restore(["--latest", ...approvedSwap()]), orders.second);
      const again = await ground.restore(["--latest", ...approvedSwap(), "--terminate-connections"]);
      await requireRestored(ground, again, orders.second);
    },
  },
  {
    name: "a selection and a swap",
    attempt: async (ground) =>
      await requireUntouched(ground, await ground.restore(["--latest", "--table", "orders", ...approvedSwap()])),
  },
  {
    name: "a session that is connected",
    async attempt(ground) {
      const session = await ground.server.connect("shop");
      await session`SELECT 1`;
      for (const way of [approvedSwap(), approvedInPlace()]) {
        await requireUntouched(ground, await ground.restore(["--latest", ...way]));
      }
      await session.end();
    },
  },
  {
    name: "a prepared transaction in the target",
    async attempt(ground) {
      const session = await ground.server.connect("shop");
      const [{ most }] = await session<{ most: string }[]>`SELECT current_setting('max_prepared_transactions') AS most`;
      if (most !== "0") {
        await session.unsafe("BEGIN; CREATE TABLE held (a integer); PREPARE TRANSACTION 'held'").simple();
      }
      await session.end();
      const output = await ground.restore(["--latest", ...approvedSwap()]);
      await requireRestoredOrUntouched(ground, output, orders.second);
    },
  },
  {
    name: "a store for safety backups that cannot be written",
    async attempt(ground) {
      const file = join(ground.directory, "file");
      await Deno.writeTextFile(file, "");
      const output = await ground.restore(["--latest", ...approvedSwap(), "--safety-store", join(file, "store")]);
      await requireUntouched(ground, output);
    },
  },
  {
    name: "a temporary directory that is not there",
    async attempt(ground) {
      const env = { TMPDIR: join(ground.directory, "nowhere") };
      const output = await ground.restore(["--latest", ...approvedSwap()], env);
      await requireRestoredOrUntouched(ground, output, orders.second);
    },
  },
  ...["--swap", "--in-place"].map((way): Situation => ({
    name: `twice at once, ${way}`,
    async attempt(ground) {
      const ends = await Promise.all([1, 2].map(() => ground.restore(["--latest", way, ...approved()])));
      const passed = ends.filter((end) => endOf(end).status === 0);
      assert.ok(passed.length > 0, ends.map((end) => JSON.stringify(endOf(end).codes)).join(" and "));
      await requireRestored(ground, passed[0], orders.second);
    },
  })),
  ...["--swap", "--in-place"].map((way): Situation => ({
    name: `a client that writes all the time, ${way}`,
    async attempt(ground) {
      const acknowledged = new Set<number>();
      const writing = writeInto(ground, acknowledged);
      const output = await ground.restore(["--latest", way, ...approved(), "--terminate-connections"]);
      await writing.stop();
      assert.equal(endOf(output).status, 0, JSON.stringify(endOf(output).codes));
      await requireNoneLost(ground, acknowledged);
    },
  })),
  {
    name: "undone, and undone twice",
    async attempt(ground) {
      await requireRestored(ground, await ground.restore(["--latest", ...approvedSwap()]), orders.second);
      const undo = ["--undo", ...approved(), "--terminate-connections"];
      assert.equal(endOf(await ground.restore(undo)).status, 0);
      assert.equal(await ordersIn(ground.server, "shop"), orders.damaged);
      assert.notEqual(endOf(await ground.restore(undo)).status, 0);
      assert.equal(await ordersIn(ground.server, "shop"), orders.damaged);
    },
  },
  {
    name: "undone when there is another database of that name",
    async attempt(ground) {
      await requireRestored(ground, await ground.restore(["--latest", ...approvedSwap()]), orders.second);
      await makeDatabase(ground.admin, ground.server, "shop", 33);
      assert.notEqual(endOf(await ground.restore(["--undo", ...approved(), "--terminate-connections"])).status, 0);
      assert.equal(await ordersIn(ground.server, "shop"), 33);
    },
  },
  {
    name: "brought back beside, then put in place without restoring again",
    async attempt(ground) {
      const target = ["--target-url", ground.server.url("live")];
      await makeDatabase(ground.admin, ground.server, "live", orders.damaged);
      assert.equal(endOf(await ground.restore([ground.backups.second, ...target])).status, 0);
      assert.equal(await ordersIn(ground.server, "live"), orders.damaged);
      const promoted = await ground.restore(["--promote", ...target, ...approved("live"), "--terminate-connections"]);
      assert.equal(endOf(promoted).status, 0, JSON.stringify(endOf(promoted).codes));
      assert.equal(await ordersIn(ground.server, "live"), orders.second);
    },
  },
];

async function spoil(
  { store, backups }: RestoreGround,
  which: "first" | "second",
  how: (path: string) => Promise<unknown>,
) {
  await how(join(store, `${backups[which]}.dump`));
}

async function turn(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  bytes[bytes.length >> 1] ^= 1;
  await Deno.writeFile(path, bytes);
}

/** Inserts one row after the other, and remembers those whose commit was acknowledged. */
function writeInto({ server }: RestoreGround, acknowledged: Set<number>) {
  let isStopped = false;
  const writing = (async () => {
    for (let id = 1_000_000; !isStopped;) {
      try {
        const sql = await server.connect("shop");
        while (!isStopped) {
          await sql`INSERT INTO orders VALUES (${++id}, 'written meanwhile')`;
          acknowledged.add(id);
        }
        await sql.end();
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 5)); // no session may connect now
      }
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await writing;
    },
  };
}

/** Every acknowledged row is in the database, in the one that was kept, or in the safety backup. */
async function requireNoneLost(ground: RestoreGround, acknowledged: Set<number>): Promise<void> {
  const { server, admin } = ground;
  const found = new Set<number>();
  for (const name of await databasesOf(admin)) {
    if (!name.startsWith("shop")) continue;
    const sql = await server.connect(name);
    for (const { id } of await sql<{ id: number }[]>`SELECT id FROM orders WHERE id > 999999`) found.add(id);
    await sql.end();
  }
  for await (const { name } of Deno.readDir(ground.store)) {
    if (!name.endsWith(".dump")) continue;
    const args = ["--data-only", "--table=orders", "--file=-", join(ground.store, name)];
    const { stdout } = await new Deno.Command("pg_restore", { args }).output();
    for (const [, id] of new TextDecoder().decode(stdout).matchAll(/^(\d+)\twritten/gm)) found.add(Number(id));
  }
  const lost = [...acknowledged].filter((id) => !found.has(id));
  assert.deepEqual(lost.slice(0, 5), [], `${lost.length} of ${acknowledged.size} acknowledged rows are gone`);
}

/** All of them. */
export const situations: Situation[] = [
  ...chosen,
  ...turnedAway,
  ...unapproved,
  ...named,
  ...others,
  ...interruptions,
  ...fullDisks,
  ...otherServers,
  ...records,
];
