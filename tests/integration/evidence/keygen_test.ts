import assert from "node:assert/strict";
import { join } from "node:path";
import { fetchStoredBackup } from "../../../lib/fetch/fetch_stored_backup.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import { OperatorError } from "../../../lib/system/operator_error.ts";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { hour, sha256, storeBackup } from "../../support/stored_backups.ts";
import { withDirectory } from "../../support/directory.ts";

const s3 = await startS3Server();
Deno.test.afterAll(async () => await s3[Symbol.asyncDispose]());
for (const [name, value] of Object.entries(s3.env)) Deno.env.set(name, value);

Deno.test("keygen: writes an identity of mode 0600, says the recipient only, replaces nothing", () =>
  withDirectory(async (path) => {
    const output = join(path, "identity.txt");
    const { status, verdict, stdout, stderr } = await pgrehearse(["keygen", "--output", output]);
    assert.equal(status, 0);
    assert.match(verdict.recipient!, /^age1[a-z0-9]{58}$/);
    const text = await Deno.readTextFile(output);
    const identity = /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/m.exec(text)![0];
    assert.ok(text.includes(verdict.recipient!));
    assert.equal((stdout + stderr).includes(identity), false);
    assert.equal((await Deno.stat(output)).mode! & 0o777, 0o600);

    const again = await pgrehearse(["keygen", "--output", output]);
    assert.deepEqual([again.status, again.verdict.findings[0].code], [2, "OUTPUT_EXISTS"]);
    assert.equal(await Deno.readTextFile(output), text);
    // Text and json are what --output is everywhere.
    for (const format of ["json", "text"]) {
      const to = join(path, format);
      const made = await startPgrehearse(["keygen", "--to", to, "--output", format]).output();
      assert.equal(made.status, 0, made.stderr);
      assert.match(made.stdout, format === "json" ? /^\{\n/ : /^keygen: PASS/);
      assert.match(await Deno.readTextFile(to), /^AGE-SECRET-KEY-1/m);
      const unnamed = await startPgrehearse(["keygen", "--output", format]).output();
      assert.equal(unnamed.status, 2);
    }
    const twice = await pgrehearse(["keygen", "--to", join(path, "one"), "--output", join(path, "two")]);
    assert.deepEqual([twice.status, twice.verdict.findings[0].code], [2, "USAGE"]);
    const nowhere = await pgrehearse(["keygen", "--output", join(path, "no/where")]);
    assert.deepEqual([nowhere.status, nowhere.verdict.findings[0].code], [2, "CANNOT_WRITE_FILE"]);
  }));

const code = (expected: string) => (error: unknown) => error instanceof OperatorError && error.code === expected;
const contents = crypto.getRandomValues(new Uint8Array(60_000));

for (const kind of ["a directory", "a bucket"]) {
  Deno.test(`fetch: an encrypted backup comes back from ${kind}, with its identity only`, () =>
    withDirectory(async (path) => {
      const identity = join(path, "identity.txt");
      const { verdict } = await pgrehearse(["keygen", "--output", identity]);
      await pgrehearse(["keygen", "--output", join(path, "other.txt")]);
      const store = kind === "a bucket"
        ? await openStore("s3://backups/keygen", { endpoint: s3.endpoint })
        : await openStore(join(path, "store"));
      for (const format of ["custom", "directory"] as const) {
        const name = await storeBackup(store, {
          ageMs: format === "custom" ? hour : 2 * hour,
          format,
          recipients: [verdict.recipient!],
          contents,
        });
        const workspace = await Deno.makeTempDir({ dir: path });
        await assert.rejects(fetchStoredBackup(store, name, workspace), code("IDENTITY_MISSING"));
        const other = fetchStoredBackup(store, name, workspace, { identity: join(path, "other.txt") });
        await assert.rejects(other, code("IDENTITY_DOES_NOT_FIT"));
        const { stored, manifest, damage } = await fetchStoredBackup(
          store,
          name,
          await Deno.makeTempDir({ dir: path }),
          {
            identity,
          },
        );
        assert.deepEqual(damage, []);
        assert.equal(manifest!.database.name, "shop");
        const file = format === "custom" ? stored.dumpPath : join(stored.dumpPath, "toc.dat");
        assert.equal(sha256(await Deno.readFile(file)), sha256(contents));
        assert.equal((await Deno.stat(file)).mode! & 0o777, 0o600);
      }
      await store.close();
    }));
}

Deno.test("fetch: what was altered, cut short or lost is found while it arrives", () =>
  withDirectory(async (path) => {
    s3.inject(() => undefined);
    const store = await openStore("s3://backups/damage", { endpoint: s3.endpoint });
    const name = await storeBackup(store, { ageMs: hour, contents });
    const codesNow = async () => {
      const { damage } = await fetchStoredBackup(store, name, await Deno.makeTempDir({ dir: path }));
      return damage!.map(({ code }) => code);
    };
    const put = (data: Uint8Array) => store.write(`${name}.dump`, ReadableStream.from([data]));
    assert.deepEqual(await codesNow(), []);
    s3.inject(({ method, path }) => method === "GET" && path.endsWith(".dump") ? { lie: "alter sent" } : undefined);
    assert.deepEqual(await codesNow(), ["DUMP_ALTERED"]);
    s3.inject(() => undefined);
    await put(contents.slice(0, -1));
    assert.deepEqual(await codesNow(), ["DUMP_TRUNCATED"]);
    await put(new Uint8Array([...contents, 1]));
    assert.deepEqual(await codesNow(), ["DUMP_ALTERED"]);
    await store.remove(`${name}.dump`);
    await assert.rejects(codesNow(), code("DUMP_FILE_MISSING"));
    await assert.rejects(fetchStoredBackup(store, "nothing", path), code("BACKUP_MISSING"));
    await store.close();
  }));

Deno.test("fetch: a foreign dump comes as it is; a plain backup in a directory is used in its place", () =>
  withDirectory(async (path) => {
    s3.inject(() => undefined);
    const bucket = await openStore("s3://backups/foreign", { endpoint: s3.endpoint });
    await bucket.write("theirs.sql.gz", ReadableStream.from([contents]));
    const foreign = await fetchStoredBackup(bucket, "theirs.sql.gz", path);
    assert.deepEqual([foreign.manifest, foreign.damage], [undefined, []]);
    assert.equal(sha256(await Deno.readFile(foreign.stored.dumpPath)), sha256(contents));
    await bucket.close();

    const directory = await openStore(join(path, "store"));
    const name = await storeBackup(directory, { ageMs: hour });
    const { stored, damage } = await fetchStoredBackup(directory, name, path);
    assert.deepEqual([stored.dumpPath, damage], [join(path, "store", `${name}.dump`), undefined]);
  }));
