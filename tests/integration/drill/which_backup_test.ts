import assert from "node:assert/strict";
import { join } from "node:path";
import type { Manifest } from "../../../lib/manifest/manifest.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import type { Store } from "../../../lib/storage/store.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import {
  day,
  drillVerdict,
  hour,
  recordDrill,
  storeBackup,
  type StoredBackupOptions,
} from "../../support/stored_backups.ts";

// Which backup is taken. None of them can be restored: what was chosen is in the verdict, before that is found out.

async function withStore(work: (store: Store, drill: (...args: string[]) => Promise<string>) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    const drill = async (...args: string[]) => {
      const { verdict } = await pgrehearse(["drill", "--no-record", "--from", directory, ...args]);
      return verdict.backup?.name ?? verdict.findings[0].code;
    };
    await work(await openStore(directory), drill);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Stores one whose dump is cut short: a drill ends as soon as it looks at it. */
async function storeDamaged(store: Store, options: StoredBackupOptions): Promise<string> {
  const name = await storeBackup(store, options);
  await store.write(`${name}.dump`, ReadableStream.from([new Uint8Array(1)]));
  return name;
}

const before = (ageMs: number) => new Date(Date.now() - ageMs).toISOString();
const onServer = (system_identifier: string): Partial<Manifest> => ({
  postgres: { server: "15.18", server_version_num: 150018, system_identifier },
});

Deno.test("--latest, --before, --incident-at and --drilled choose; a safety backup is never chosen", () =>
  withStore(async (store, drill) => {
    const names: string[] = [];
    for (const age of [1, 2, 3, 4]) names.push(await storeDamaged(store, { ageMs: age * day }));
    await storeDamaged(store, { ageMs: hour, manifest: { purpose: "safety" } });
    await storeDamaged(store, { ageMs: 2 * hour, isUnfinished: true });
    await recordDrill(store, names[0], drillVerdict("fail", hour));
    await recordDrill(store, names[2], drillVerdict("pass", 2 * day));
    await recordDrill(store, names[2], drillVerdict("unknown", day));
    assert.equal(await drill("--latest"), names[0]);
    assert.equal(await drill("--before", before(1.5 * day)), names[1]);
    assert.equal(await drill("--latest", "--incident-at", before(2.5 * day)), names[2]);
    assert.equal(await drill("--latest", "--incident-at", before(9 * day)), "NO_BACKUP");
    assert.equal(await drill("--drilled"), names[2]);
    assert.equal(await drill("--drilled", "--before", before(3.5 * day)), "NO_BACKUP");
    assert.equal(await drill("--latest", "--database", "crm"), "NO_BACKUP");
  }));

Deno.test("a backup is named by its path, its manifest's, what both begin with, or its name in --from", () =>
  withStore(async (store, drill) => {
    const old = await storeDamaged(store, { ageMs: 2 * day });
    await storeDamaged(store, { ageMs: day });
    const paths = ["", ".dump", ".manifest.json"].map((suffix) => old + suffix);
    for (const path of [...paths, ...paths.map((path) => join(store.address, path))]) {
      assert.equal(await drill(path), old, path);
    }
    assert.equal(await drill("nosuch"), "BACKUP_MISSING");
  }));

Deno.test("--latest of several databases, or of several servers' databases of one name, is refused until one is named", () =>
  withStore(async (store, drill) => {
    const crm = await storeDamaged(store, { database: "crm", ageMs: 2 * hour });
    const spaced = await storeDamaged(store, { database: "a b", ageMs: 3 * hour });
    const scored = await storeDamaged(store, { database: "a_b", ageMs: 4 * hour });
    const shop = await storeDamaged(store, { ageMs: 5 * hour, manifest: onServer("1") });
    const other = await storeDamaged(store, { ageMs: 6 * hour, manifest: onServer("2") });
    const named = await storeDamaged(store, {
      database: "main",
      ageMs: 7 * hour,
      manifest: { configured_as: "crm_eu" },
    });
    assert.equal(await drill("--latest"), "SEVERAL_DATABASES");
    assert.equal(await drill("--latest", "--database", "crm"), crm);
    assert.equal(await drill("--latest", "--database", "a b"), spaced);
    assert.equal(await drill("--latest", "--database", "a_b"), scored);
    assert.equal(await drill("--latest", "--database", "crm_eu"), named);
    assert.equal(await drill("--latest", "--database", "shop"), "SEVERAL_SERVERS");
    assert.equal(await drill("--latest", "--database", "shop", "--system-identifier", "1"), shop);
    assert.equal(await drill("--latest", "--database", "shop", "--system-identifier", "2"), other);
  }));

Deno.test("restore --latest: the target's name decides among several databases, and the verdict says so", () =>
  withStore(async (store) => {
    await storeDamaged(store, { database: "shop", ageMs: hour });
    const accounts = await storeDamaged(store, { database: "accounts", ageMs: 2 * hour });
    const restore = async (target: string) => {
      const url = `postgresql://127.0.0.1:1/${target}`;
      return (await pgrehearse(["restore", "--latest", "--from", store.address, "--target-url", url, "--wait", "1ms"]))
        .verdict;
    };
    const chosen = await restore("accounts");
    assert.equal(chosen.backup!.name, accounts);
    assert.deepEqual(chosen.notes!.map(({ code }) => code), ["DATABASE_BY_TARGET"]);
    const refused = await restore("crm");
    assert.deepEqual([refused.verdict, refused.findings[0].code], ["unknown", "SEVERAL_DATABASES"]);
  }));

Deno.test("a dump that is a link in the store is not followed, unless it is named by its path", () =>
  withStore(async (store, drill) => {
    const name = await storeDamaged(store, { ageMs: hour });
    const dump = store.localPath!(`${name}.dump`);
    await Deno.rename(dump, `${dump}.elsewhere`);
    await Deno.symlink(`${dump}.elsewhere`, dump);
    assert.equal(await drill("--latest"), "LINK_IN_STORE");
    assert.equal(await drill(name), "LINK_IN_STORE");
    assert.equal(await drill(dump), name);
  }));
