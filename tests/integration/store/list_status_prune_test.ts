import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../../../lib/storage/open_store.ts";
import type { Store } from "../../../lib/storage/store.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { day, drillVerdict, hour, namesIn, recordDrill, storeBackup } from "../../support/stored_backups.ts";

const s3 = await startS3Server();
Deno.test.afterAll(async () => await s3[Symbol.asyncDispose]());
for (const [name, value] of Object.entries(s3.env)) Deno.env.set(name, value);

interface TestStore {
  store: Store;
  /** Runs the program on the store. */
  run: (command: string, ...args: string[]) => ReturnType<typeof pgrehearse>;
}

async function withDirectory(work: (test: TestStore) => Promise<void>) {
  const directory = await Deno.makeTempDir();
  try {
    const store = await openStore(directory);
    await work({ store, run: (command, ...args) => pgrehearse([command, "--from", directory, ...args]) });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

let buckets = 0;

async function withBucket(work: (test: TestStore) => Promise<void>) {
  s3.inject(() => undefined);
  const address = `s3://backups/list-${++buckets}`;
  const store = await openStore(address, { endpoint: s3.endpoint });
  await work({
    store,
    run: (command, ...args) =>
      pgrehearse([command, "--from", address, "--endpoint", s3.endpoint, ...args], { env: s3.env }),
  });
  await store.close();
}

for (const [kind, withStore] of Object.entries({ "a directory": withDirectory, "a bucket": withBucket })) {
  Deno.test(`list: shows every backup of ${kind}, newest first, with its last drill`, () =>
    withStore(async ({ store, run }) => {
      const old = await storeBackup(store, { ageMs: 3 * day, format: "directory" });
      await recordDrill(store, old, drillVerdict("fail", 2 * day));
      await recordDrill(store, old, drillVerdict("pass", day));
      const recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
      const secret = await storeBackup(store, { ageMs: 2 * hour, recipients: [recipient], database: "crm" });
      const unfinished = await storeBackup(store, { ageMs: hour, isUnfinished: true });
      const { status, verdict, stderr } = await run("list");
      assert.equal(status, 0);
      assert.equal(verdict.backup_count, 3);
      assert.deepEqual(
        verdict.backups!.map((
          { name, state, format, encrypted, server, drill },
        ) => [name, state, format, encrypted, server, drill?.verdict, drill?.proof]),
        [
          [unfinished, "unfinished", "custom", false, undefined, undefined, undefined],
          [secret, "finished", "custom", true, "15.18", undefined, undefined],
          [old, "finished", "directory", false, "15.18", "pass", "exact"],
        ],
      );
      assert.match(stderr, /name +age +size +format +server +encrypted +last drill\n/);
      assert.match(stderr, new RegExp(`${old} +3 d +\\d+ B +directory +15.18 +no +pass \\(exact\\), 24 h ago`));
      assert.match(stderr, new RegExp(`${unfinished} .* unfinished`));
      assert.deepEqual((await run("list", "--limit", "1")).verdict.backups!.length, 1);
      assert.deepEqual((await run("list", "--database", "crm")).verdict.backups!.map(({ name }) => name), [secret]);
    }));

  Deno.test(`prune: says what goes from ${kind}, removes it only with --yes, and that wholly`, () =>
    withStore(async ({ store, run }) => {
      const names: string[] = [];
      for (let age = 1; age <= 5; age++) {
        names.push(await storeBackup(store, { ageMs: age * day, format: age === 4 ? "directory" : "custom" }));
      }
      const unfinished = await storeBackup(store, { ageMs: 9 * day, isUnfinished: true });
      await recordDrill(store, names[2], drillVerdict("pass", hour));
      await recordDrill(store, names[1], drillVerdict("fail", hour));
      await recordDrill(store, names[3], drillVerdict("pass", 2 * day));
      await store.write("notes.txt", ReadableStream.from([new TextEncoder().encode("mine")]));
      const before = await namesIn(store);

      const dry = await run("prune", "--keep-last", "1");
      assert.equal(dry.status, 0);
      assert.deepEqual(await namesIn(store), before);
      assert.deepEqual(dry.verdict.retention!.keep, [
        { name: names[0], reasons: ["newest", "last"] },
        { name: names[2], reasons: ["newest_that_passed_a_drill"] },
        { name: unfinished, reasons: ["not_finished"] },
      ]);
      const going = [names[1], names[3], names[4]];
      assert.deepEqual(
        dry.verdict.retention!.remove.map(({ name, removed }) => [name, removed]),
        going.map((name) => [name, false]),
      );
      assert.match(dry.stderr, /dry run: would remove \d+ backups? \(.*B\); repeat with --yes/);

      const { status, verdict } = await run("prune", "--keep-last", "1", "--yes");
      assert.equal(status, 0);
      assert.deepEqual(
        verdict.retention!.remove.map(({ name, removed }) => [name, removed]),
        going.map((name) => [name, true]),
      );
      assert.deepEqual(await namesIn(store), before.filter((name) => !going.some((gone) => name.startsWith(gone))));
    }));
}

Deno.test("prune: keeps 30 days without being told", () =>
  withDirectory(async ({ store, run }) => {
    for (let age = 0; age < 32; age++) await storeBackup(store, { ageMs: age * day });
    const { verdict } = await run("prune");
    assert.equal(verdict.retention!.keep.length, 30);
    assert.deepEqual(verdict.retention!.policy, { keep_daily: 30 });
  }));

Deno.test("prune: keeps what it cannot read, and the newest that it can", () =>
  withDirectory(async ({ store, run }) => {
    const names: string[] = [];
    for (let age = 1; age <= 4; age++) names.push(await storeBackup(store, { ageMs: age * day }));
    const path = (name: string) => store.localPath!(`${name}.manifest.json`);
    await Deno.writeTextFile(path(names[0]), (await Deno.readTextFile(path(names[0]))).slice(0, -20)); // the newest, cut short
    await Deno.writeTextFile(path(names[3]), '{"schema":"pgrehearse.manifest/v2"}');
    const { status, verdict } = await run("prune", "--keep-last", "1", "--yes");
    assert.equal(status, 0);
    assert.deepEqual(verdict.retention!.keep.map(({ name }) => name), [names[0], names[1], names[3]]);
    assert.deepEqual(verdict.notes!.map(({ code, object }) => [code, object]), [
      ["KEPT_UNREADABLE", names[0]],
      ["KEPT_UNREADABLE", names[3]],
    ]);
  }));

Deno.test("prune: a locked object stays, with its manifest, and is not an error", () =>
  withBucket(async ({ store, run }) => {
    const names: string[] = [];
    for (let age = 1; age <= 3; age++) names.push(await storeBackup(store, { ageMs: age * day }));
    s3.inject(({ method, path }) =>
      method === "DELETE" && path.endsWith(`${names[1]}.dump`)
        ? { status: 403, code: "AccessDenied", message: "Access Denied because object protected by object lock." }
        : undefined
    );
    const { status, verdict } = await run("prune", "--keep-last", "1", "--yes");
    assert.equal(status, 0);
    assert.deepEqual(verdict.retention!.remove.map(({ name, removed }) => [name, removed]), [[names[1], false], [
      names[2],
      true,
    ]]);
    assert.equal(verdict.notes![0].code, "OBJECT_LOCKED");
    const left = await namesIn(store);
    assert.ok(left.includes(`${names[1]}.manifest.json`) && left.includes(`${names[1]}.dump`));
  }));

Deno.test("prune: without the permission it ends as exit 2, saying which", () =>
  withBucket(async ({ store, run }) => {
    for (let age = 1; age <= 2; age++) await storeBackup(store, { ageMs: age * day });
    s3.inject(({ method }) => method === "DELETE" ? { status: 403, code: "AccessDenied" } : undefined);
    const { status, verdict } = await run("prune", "--keep-last", "1", "--yes");
    assert.equal(status, 2);
    assert.equal(verdict.findings[0].code, "STORE_FORBIDDEN");
    assert.match(verdict.findings[0].message, /s3:DeleteObject/);
    assert.equal((await namesIn(store)).length, 4);
  }));

const healths: { of: string; make: (store: Store) => Promise<unknown>; codes: string[] }[] = [
  {
    of: "nothing",
    make: async (store) => await storeBackup(store, { ageMs: hour, isUnfinished: true }),
    codes: ["NO_BACKUP"],
  },
  {
    of: "a fresh backup, drilled",
    make: async (store) =>
      await recordDrill(store, await storeBackup(store, { ageMs: hour }), drillVerdict("pass", hour)),
    codes: [],
  },
  {
    of: "a fresh backup, never drilled",
    make: (store) => storeBackup(store, { ageMs: hour }),
    codes: ["NEVER_DRILLED"],
  },
  {
    of: "an old backup, an older drill",
    make: async (store) =>
      await recordDrill(store, await storeBackup(store, { ageMs: 27 * hour }), drillVerdict("pass", 9 * day)),
    codes: ["BACKUP_TOO_OLD", "DRILL_TOO_OLD"],
  },
  {
    of: "a failed drill after a pass",
    make: async (store) => {
      const name = await storeBackup(store, { ageMs: hour });
      await recordDrill(store, name, drillVerdict("pass", 2 * hour));
      await recordDrill(store, name, drillVerdict("fail", hour));
    },
    codes: ["LAST_DRILL_FAILED"],
  },
  {
    of: "a drill of an older backup, and one later that could not verify",
    make: async (store) => {
      await recordDrill(store, await storeBackup(store, { ageMs: 2 * day }), drillVerdict("pass", day));
      await recordDrill(store, await storeBackup(store, { ageMs: hour }), drillVerdict("unknown", hour));
    },
    codes: [],
  },
  {
    of: "a drill that could not verify, and no other",
    make: async (store) =>
      await recordDrill(store, await storeBackup(store, { ageMs: hour }), drillVerdict("unknown", hour)),
    codes: ["NEVER_DRILLED"],
  },
  {
    of: "a failed drill, and one later that could not verify",
    make: async (store) => {
      await recordDrill(store, await storeBackup(store, { ageMs: 2 * hour }), drillVerdict("fail", 2 * hour));
      await recordDrill(store, await storeBackup(store, { ageMs: hour }), drillVerdict("unknown", hour));
    },
    codes: ["LAST_DRILL_FAILED"],
  },
  {
    of: "one of two databases forgotten",
    make: async (store) => {
      for (const [database, ageMs] of [["shop", hour], ["crm", 5 * day]] as const) {
        await recordDrill(store, await storeBackup(store, { ageMs, database }), drillVerdict("pass", hour));
      }
    },
    codes: ["BACKUP_TOO_OLD"],
  },
  {
    of: "a backup from the future",
    make: async (store) =>
      await recordDrill(store, await storeBackup(store, { ageMs: -hour }), drillVerdict("pass", hour)),
    codes: ["BACKUP_FROM_FUTURE"],
  },
  {
    of: "a dump that is gone",
    make: async (store) => {
      await recordDrill(store, await storeBackup(store, { ageMs: 2 * hour }), drillVerdict("pass", hour));
      await store.remove(`${await storeBackup(store, { ageMs: hour })}.dump`);
    },
    codes: ["BACKUP_INCOMPLETE"],
  },
  {
    of: "a dump cut short",
    make: async (store) => {
      const name = await storeBackup(store, { ageMs: hour });
      await recordDrill(store, name, drillVerdict("pass", hour));
      await store.write(`${name}.dump`, ReadableStream.from([new Uint8Array(3)]));
    },
    codes: ["BACKUP_INCOMPLETE"],
  },
];

for (const { of, make, codes } of healths) {
  Deno.test(`status: ${of} is ${codes.length > 0 ? `exit 1, ${codes.join(" and ")}` : "healthy"}`, () =>
    withDirectory(async ({ store, run }) => {
      await make(store);
      const { status, verdict } = await run("status", "--max-age", "26h", "--max-drill-age", "8d");
      assert.deepEqual(verdict.findings.map(({ code }) => code), codes);
      assert.equal(status, codes.length > 0 ? 1 : 0);
    }));
}

Deno.test("status: a store that cannot be read is exit 2, and no secret is shown", async () => {
  const missing = await pgrehearse(["status", "--from", join("/nonexistent", "x")]);
  assert.deepEqual([missing.status, missing.verdict.findings[0].code], [2, "STORE_UNREADABLE"]);
  s3.inject(() => ({
    status: 403,
    code: "InvalidAccessKeyId",
    message: `The key S3RVER (${s3.env.AWS_SECRET_ACCESS_KEY})`,
  }));
  const rejected = await pgrehearse(["status", "--from", "s3://backups/x", "--endpoint", s3.endpoint], { env: s3.env });
  assert.deepEqual([rejected.status, rejected.verdict.findings[0].code], [2, "CREDENTIALS_REJECTED"]);
  assert.doesNotMatch(rejected.stdout + rejected.stderr, /S3RVER|hunter2/);
  const { AWS_REGION: _, ...noRegion } = s3.env;
  const nowhere = await pgrehearse(["status", "--from", "s3://backups/x"], { env: noRegion });
  assert.deepEqual([nowhere.status, nowhere.verdict.findings[0].code], [2, "REGION_MISSING"]);
});
