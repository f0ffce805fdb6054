import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import type { Store } from "../../../lib/storage/store.ts";
import { startReceiver } from "../../support/http_receiver.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { day, drillVerdict, hour, namesIn, recordDrill, storeBackup } from "../../support/stored_backups.ts";

// What prune must never remove, and what list and status must not take for one another.

async function withStore(
  work: (store: Store, run: (...args: string[]) => ReturnType<typeof pgrehearse>) => Promise<void>,
) {
  const directory = await Deno.makeTempDir();
  try {
    const run = ([command, ...args]: string[]) => pgrehearse([command, "--from", directory, ...args]);
    await work(await openStore(directory), (...args) => run(args));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const write = (store: Store, name: string, bytes: Uint8Array<ArrayBuffer>) =>
  store.write(name, ReadableStream.from([bytes]));

const damages: Record<string, (store: Store, name: string) => Promise<unknown>> = {
  "failed its drill": (store, name) => recordDrill(store, name, drillVerdict("fail", hour)),
  "is empty": (store, name) => write(store, `${name}.dump`, new Uint8Array()),
  "is cut short": (store, name) => write(store, `${name}.dump`, new Uint8Array(3)),
  "holds other bytes of the same number": async (store, name) => {
    const { sizeBytes } = (await store.stat(`${name}.dump`))!;
    await write(store, `${name}.dump`, new Uint8Array(sizeBytes));
  },
};

for (const [what, damage] of Object.entries(damages)) {
  Deno.test(`prune: where the newest backup ${what}, the newest whole one stays`, () =>
    withStore(async (store, run) => {
      const names: string[] = [];
      for (let age = 1; age <= 4; age++) names.push(await storeBackup(store, { ageMs: age * day }));
      await damage(store, names[0]);
      await damage(store, names[1]);
      const { status, verdict, stderr } = await run("prune", "--keep-last", "1", "--yes");
      assert.equal(status, 0, stderr);
      const kept = verdict.retention!.keep.map(({ name }) => name);
      assert.ok(kept.includes(names[2]), stderr);
      assert.deepEqual(verdict.retention!.remove.map(({ name, removed }) => [name, removed]).at(-1), [names[3], true]);
      assert.ok((await namesIn(store)).includes(`${names[2]}.dump`));
    }));
}

Deno.test("prune, list, status: databases are told apart by what the manifest says, not by the file's name", () =>
  withStore(async (store, run) => {
    const other: Partial<Manifest> = {
      postgres: { server: "15.18", server_version_num: 150018, system_identifier: "2" },
    };
    const backups = [
      { database: "a b" },
      { database: "a_b" },
      { database: "магазин" },
      { database: "магазин", manifest: other },
      { database: "склад__" },
      { database: "a_b", manifest: { configured_as: "main" } },
    ];
    const names: string[] = [];
    for (const [i, options] of backups.entries()) {
      names.push(await storeBackup(store, { ageMs: (i + 1) * hour, ...options }));
    }
    const { verdict } = await run("prune", "--keep-last", "1", "--yes");
    assert.deepEqual(verdict.retention!.remove.map(({ name }) => name), [names[5]], "a_b has two of one kind");
    const listed = async (...args: string[]) => (await run("list", ...args)).verdict.backups!.map(({ name }) => name);
    assert.deepEqual(await listed("--database", "a b"), [names[0]]);
    assert.deepEqual(await listed("--database", "a_b"), [names[1]]);
    assert.deepEqual(await listed("--database", "магазин"), [names[2], names[3]]);
    assert.deepEqual(await listed("--database", "магазин", "--system-identifier", "2"), [names[3]]);
    assert.deepEqual(await listed("--database", "склад__"), [names[4]]);
    const status = await run("status", "--max-age", "90m");
    assert.equal(status.verdict.backups!.length, 5);
    assert.deepEqual(
      status.verdict.findings.filter(({ code }) => code === "BACKUP_TOO_OLD").map(({ object }) => object).sort(),
      names.slice(1, 5).sort(),
    );
  }));

Deno.test("safety backups: apart in list, no backup for status, removed by their own age alone", () =>
  withStore(async (store, run) => {
    const ordinary = await storeBackup(store, { ageMs: 3 * hour });
    const safety: string[] = [];
    for (const ageMs of [hour, 40 * day]) {
      safety.push(await storeBackup(store, { ageMs, manifest: { purpose: "safety" } }));
    }
    const list = await run("list");
    assert.deepEqual(list.verdict.backups!.map(({ name, purpose }) => [name, purpose]), [
      [safety[0], "safety"],
      [ordinary, undefined],
      [safety[1], "safety"],
    ]);
    assert.match(list.stderr, new RegExp(`${ordinary}[^]*safety backups[^]*${safety[0]}[^]*${safety[1]}`));
    const status = await run("status", "--max-age", "2h", "--max-drill-age", "8d");
    assert.deepEqual(status.verdict.backups!.map(({ name }) => name), [ordinary]);
    assert.deepEqual(status.verdict.findings.map(({ code }) => code), ["BACKUP_TOO_OLD", "NEVER_DRILLED"]);
    assert.deepEqual((await run("prune", "--keep-last", "1")).verdict.retention!.remove, []);
    const { verdict } = await run("prune", "--keep-last", "1", "--keep-safety", "30d", "--yes");
    assert.deepEqual(verdict.retention!.remove.map(({ name }) => name), [safety[1]]);
    assert.deepEqual(verdict.retention!.keep.map(({ name, reasons }) => [name, reasons]), [
      [safety[0], ["safety"]],
      [ordinary, ["newest", "last"]],
    ]);
    for (const name of safety) await Deno.remove(store.localPath!(`${name}.manifest.json`)).catch(() => {});
    await Deno.remove(store.localPath!(`${ordinary}.manifest.json`));
    assert.deepEqual((await run("status")).verdict.findings.map(({ code }) => code), ["NO_BACKUP"]);
  }));

Deno.test("prune: removes nothing behind a link, and takes a link for no dump", () =>
  withStore(async (store, run) => {
    const outside = await Deno.makeTempDir();
    await Deno.writeTextFile(join(outside, "toc.dat"), "precious");
    const names: string[] = [];
    for (let age = 1; age <= 3; age++) names.push(await storeBackup(store, { ageMs: age * day, format: "directory" }));
    await Deno.remove(store.localPath!(`${names[2]}.dump`), { recursive: true });
    await Deno.symlink(outside, store.localPath!(`${names[2]}.dump`));
    const { status, verdict } = await run("prune", "--keep-last", "1", "--yes");
    assert.equal(status, 0);
    assert.deepEqual(verdict.retention!.remove.map(({ name }) => name), [names[1]]);
    assert.equal(await Deno.readTextFile(join(outside, "toc.dat")), "precious");
    await Deno.remove(outside, { recursive: true });
  }));

Deno.test("drill records: one of another manifest, a renamed one and an unsigned one count for nothing", () =>
  withStore(async (store, run) => {
    const name = await storeBackup(store, { ageMs: hour });
    const codes = async (...args: string[]) => (await run("status", ...args)).verdict.findings.map(({ code }) => code);
    const old = await recordDrill(store, name, drillVerdict("pass", 20 * day));
    assert.deepEqual(await codes("--max-drill-age", "8d"), ["DRILL_TOO_OLD"]);
    const renamed = old.replace(/drill-.*/, "drill-20990101T000000Z.json");
    await Deno.rename(store.localPath!(old), store.localPath!(renamed));
    assert.deepEqual(await codes(), ["NEVER_DRILLED"]);
    await recordDrill(store, name, drillVerdict("pass", hour));
    assert.deepEqual(await codes(), []);
    const manifest = await Deno.readTextFile(store.localPath!(`${name}.manifest.json`));
    await Deno.writeTextFile(store.localPath!(`${name}.manifest.json`), manifest + "\n");
    assert.deepEqual(await codes(), ["NEVER_DRILLED"]);
  }));

Deno.test("status: every database of the configuration is looked for by its name, and who is to be told is told", () =>
  withStore(async (store) => {
    await using receiver = startReceiver();
    const config = await Deno.makeTempFile({ suffix: ".jsonc" });
    const run = async (databases: string[], ...args: string[]) => {
      const webhook = { url: `${receiver.origin}/hook`, commands: ["status"] };
      const named = Object.fromEntries(databases.map((name) => [name, {}]));
      await Deno.writeTextFile(
        config,
        JSON.stringify({ databases: named, store: store.address, notify: { webhooks: [webhook] } }),
      );
      const { status, verdict } = await pgrehearse(["status", "--config", config, ...args]);
      return [status, ...verdict.findings.map(({ code, object }) => [code, object])];
    };
    await recordDrill(store, await storeBackup(store, { ageMs: hour }), drillVerdict("pass", hour));
    const main = await storeBackup(store, { ageMs: hour, database: "main", manifest: { configured_as: "main" } });
    await recordDrill(store, main, drillVerdict("pass", hour));
    assert.deepEqual(await run(["shop", "main"]), [0]);
    assert.equal(receiver.received.length, 0);
    assert.deepEqual(await run(["shop", "crm", "main"]), [1, ["NO_BACKUP", "crm"]]);
    assert.equal(receiver.received.length, 1);
    assert.deepEqual(await run(["shop"], "--database", "crm"), [1, ["NO_BACKUP", "crm"]]);
    await run(["crm"]);
    const missing = await pgrehearse(["drill", "--config", config]);
    assert.match(missing.verdict.findings[0].message, /no finished backup of crm in/);
    await Deno.remove(config);
  }));

Deno.test("an address of another scheme is refused before anything is made", async () => {
  const cwd = await Deno.makeTempDir();
  for (const to of ["gs://bucket/pg", "file:///var/backups", "s3:/bucket/pg"]) {
    const { status, verdict } = await pgrehearse(["backup", "--db-url", "postgresql://127.0.0.1:1/x", "--to", to], {
      cwd,
    });
    assert.deepEqual([status, verdict.findings[0].code], [2, "BAD_STORE_ADDRESS"]);
    assert.match(verdict.findings[0].message, /s3:\/\//);
  }
  assert.deepEqual(await Array.fromAsync(Deno.readDir(cwd)), []);
  await Deno.remove(cwd);
});
