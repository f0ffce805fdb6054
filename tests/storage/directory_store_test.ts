import assert from "node:assert/strict";
import { join } from "node:path";
import { openStore } from "../../lib/storage/open_store.ts";
import { writeText } from "../../lib/system/files.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";
import { namesIn, sha256 } from "../support/stored_backups.ts";
import { withDirectory } from "../support/directory.ts";

const data = crypto.getRandomValues(new Uint8Array(60_000));

async function* inChunks(whole: Uint8Array, failure?: Error) {
  for (let i = 0; i < whole.length; i += 7_000) yield whole.subarray(i, i + 7_000);
  if (failure) throw failure;
}

const hasCode = (code: string) => (error: unknown) => error instanceof OperatorError && error.code === code;

Deno.test("directory: a file comes back as it went, of mode 0600 in a directory of 0700", () =>
  withDirectory(async (path) => {
    const store = await openStore(join(path, "new"));
    assert.deepEqual(await store.write("a.dump/b", inChunks(data)), { sizeBytes: data.length, sha256: sha256(data) });
    assert.equal(sha256(new Uint8Array(await new Response(store.read("a.dump/b")).arrayBuffer())), sha256(data));
    const tail = await new Response(store.read("a.dump/b", { offset: 59_990, length: 5 })).arrayBuffer();
    assert.deepEqual(new Uint8Array(tail), data.slice(59_990, 59_995));
    assert.equal((await Deno.stat(store.localPath!("a.dump/b"))).mode! & 0o777, 0o600);
    assert.equal((await Deno.stat(join(path, "new/a.dump"))).mode! & 0o777, 0o700);
    assert.equal((await store.stat("a.dump/b"))!.sizeBytes, data.length);
    assert.deepEqual(await namesIn(store), ["a.dump/b"]);
    await store.remove("a.dump/b");
    await store.remove("a.dump/b");
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(path, "new"))), []);
    assert.equal(await store.stat("a.dump/b"), undefined);
  }));

Deno.test("directory: a source that fails, hangs or is aborted leaves what was there before", () =>
  withDirectory(async (path) => {
    const store = await openStore(path);
    await store.write("x", inChunks(data));
    await assert.rejects(store.write("x", inChunks(data.slice(9), new Error("pg_dump died"))), /pg_dump died/);
    const controller = new AbortController();
    const hanging = async function* () {
      yield data;
      controller.abort(new Error("Interrupted."));
      await new Promise(() => {});
    };
    await assert.rejects(store.write("x", hanging(), { signal: controller.signal }), /Interrupted/);
    assert.deepEqual(await namesIn(store), ["x"]);
    assert.equal(sha256(new Uint8Array(await new Response(store.read("x")).arrayBuffer())), sha256(data));
  }));

Deno.test("directory: names that lead out of it are refused", () =>
  withDirectory(async (path) => {
    const store = await openStore(join(path, "inner"));
    for (const name of ["../x", "a/../../x", "/etc/passwd", "", "a//b", "a/."]) {
      await assert.rejects(async () => await store.write(name, inChunks(data)), hasCode("UNSAFE_NAME"), name);
    }
    assert.deepEqual(await Array.fromAsync(Deno.readDir(path)), []);
  }));

Deno.test("directory: one that does not exist is not an empty one", async () => {
  const store = await openStore("/nonexistent");
  await assert.rejects(Array.fromAsync(store.list()), hasCode("STORE_UNREADABLE"));
  await assert.rejects(new Response(store.read("x")).arrayBuffer(), hasCode("OBJECT_MISSING"));
});

Deno.test("directory: other directories in it are not looked into", () =>
  withDirectory(async (path) => {
    const store = await openStore(path);
    await Deno.mkdir(join(path, "lost+found"));
    await Deno.writeTextFile(join(path, "lost+found/x.dump"), "x");
    await Deno.writeTextFile(join(path, "y.dump"), "y");
    assert.deepEqual(await namesIn(store), ["y.dump"]);
  }));

Deno.test("directory: no link in it is followed, whatever is asked; the directory itself may be one", () =>
  withDirectory(async (path) => {
    await Deno.mkdir(join(path, "outside"));
    await Deno.writeTextFile(join(path, "outside/precious"), "precious");
    await Deno.mkdir(join(path, "real"));
    await Deno.symlink("real", join(path, "store"));
    const store = await openStore(join(path, "store"));
    await store.write("kept", inChunks(data));
    await Deno.symlink("../outside", join(path, "real/a.dump"));
    await Deno.symlink("../outside/precious", join(path, "real/b.dump"));
    await Deno.symlink("nowhere", join(path, "real/c.dump"));
    for (const deep of [false, true]) {
      assert.deepEqual(await Array.fromAsync(store.list({ deep }), ({ name }) => name), ["kept"]);
    }
    assert.equal(await store.stat("b.dump"), undefined);
    for (const name of ["a.dump/precious", "b.dump"]) {
      await assert.rejects(new Response(store.read(name)).text(), hasCode("LINK_IN_STORE"), name);
    }
    await assert.rejects(store.stat("a.dump/precious"), hasCode("LINK_IN_STORE"));
    await assert.rejects(store.write("a.dump/new", inChunks(data)), hasCode("LINK_IN_STORE"));
    await assert.rejects(store.claim("a.dump/new", new Uint8Array(1)), hasCode("LINK_IN_STORE"));
    await assert.rejects(store.remove("a.dump/precious"), hasCode("LINK_IN_STORE"));
    await store.removeFolder!("a.dump");
    await store.remove("b.dump");
    await store.write("c.dump", inChunks(data)); // in the link's place
    assert.deepEqual(await namesIn(store), ["c.dump", "kept"]);
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(path, "outside")), ({ name }) => name), ["precious"]);
    assert.equal(await Deno.readTextFile(join(path, "outside/precious")), "precious");
  }));

Deno.test("a file is written in no place that others can foresee", () =>
  withDirectory(async (path) => {
    await Deno.writeTextFile(join(path, "target"), "untouched", { mode: 0o600 });
    for (const name of ["metrics", "object"]) await Deno.symlink("target", join(path, `${name}.partial`));
    await writeText(join(path, "metrics"), "new", { mode: 0o644 });
    await (await openStore(path)).write("object", inChunks(data));
    assert.equal(await Deno.readTextFile(join(path, "target")), "untouched");
    assert.equal((await Deno.stat(join(path, "target"))).mode! & 0o777, 0o600);
    assert.equal((await Deno.lstat(join(path, "metrics"))).mode! & 0o777, 0o644);
    // Over a link goes the file, not through it.
    await Deno.symlink("target", join(path, "link"));
    await writeText(join(path, "link"), "new");
    assert.ok((await Deno.lstat(join(path, "link"))).isFile);
    assert.equal(await Deno.readTextFile(join(path, "target")), "untouched");
  }));

Deno.test("store: an address of another kind, and S3's options for a directory, are refused", async () => {
  for (const address of ["gs://bucket/x", "file:///var/backups", "s3:/bucket", "S3:bucket", "host:/srv", ""]) {
    await assert.rejects(openStore(address), hasCode("BAD_STORE_ADDRESS"), address);
  }
  for (const path of ["./gs:/x", "/var/gs://x", "a:b"]) assert.equal((await openStore(path)).address, path);
  await assert.rejects(openStore("/tmp", { sse: "AES256" }), hasCode("USAGE"));
  for (const address of ["s3://", "s3://b", "s3://bucket/a/../b", "s3://bucket/./x"]) {
    await assert.rejects(openStore(address, { region: "x" }), hasCode("BAD_STORE_ADDRESS"), address);
  }
});

Deno.test("directory: a link or a pipe that takes a file's place just now is neither read nor waited for", () =>
  withDirectory(async (path) => {
    await Deno.writeTextFile(join(path, "precious"), "precious");
    await Deno.mkdir(join(path, "store"));
    const store = await openStore(join(path, "store"));
    await Deno.writeTextFile(join(path, "ours"), "ours");
    assert.ok((await new Deno.Command("mkfifo", { args: [join(path, "pipe")] }).output()).success);
    const script = `for (;;) {
      for (const kind of ["ours", "pipe"]) { Deno.linkSync("../" + kind, "new"); Deno.renameSync("new", "a.dump"); }
      Deno.symlinkSync("../precious", "new");
      Deno.renameSync("new", "a.dump");
    }`;
    const exchanging = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", script],
      cwd: join(path, "store"),
    }).spawn();
    const said = new Set<string>();
    try {
      for (let tries = 0; tries < 3000; tries++) {
        const reading = new Response(store.read("a.dump")).text().catch((error: OperatorError) => error.code);
        said.add((await Promise.race([reading, afterSeconds(10)])).trim());
      }
    } finally {
      exchanging.kill("SIGKILL");
      await exchanging.status;
    }
    const allowed = ["ours", "", "LINK_IN_STORE", "NOT_A_FILE", "OBJECT_MISSING", "STORE_UNREADABLE"];
    assert.deepEqual([...said].filter((each) => !allowed.includes(each)), []);
    assert.ok(said.has("ours"));
  }));

function afterSeconds(seconds: number): Promise<string> {
  return new Promise((resolve) => setTimeout(() => resolve("it waits"), seconds * 1000));
}
