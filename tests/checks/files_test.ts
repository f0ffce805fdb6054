import assert from "node:assert/strict";
import { join } from "node:path";
import type { ConfiguredFile } from "../../lib/checks/files/configured_file.ts";
import { checkSystem, recordCheck } from "../support/checks.ts";

const day = 86_400_000;
const made = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(made, { recursive: true }));

async function openssl(...args: string[]) {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd: made }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

const kinds = {
  ec: ["ec", "-pkeyopt", "ec_paramgen_curve:secp384r1"],
  rsa: ["rsa:2048"],
  ed25519: ["ed25519"],
};
for (const [name, newKey] of Object.entries(kinds)) {
  const files = ["-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`, "-days", "20"];
  await openssl("req", "-x509", "-newkey", ...newKey, "-nodes", ...files);
}
await openssl("rsa", "-in", "rsa.key", "-aes256", "-passout", "pass:secret", "-out", "encrypted.key");
await openssl("ecparam", "-name", "prime256v1", "-genkey", "-out", "parameters.key"); // its parameters come before it
await openssl("req", "-x509", "-key", "parameters.key", "-subj", "/CN=x", "-out", "parameters.crt");
await openssl("x509", "-in", "ec.crt", "-outform", "der", "-out", "der.crt");

/** A root directory with files, and what is configured and recorded of them. */
async function makeCase(contents: Record<string, string>, configured: Omit<ConfiguredFile, "path"> = {}) {
  const root = await Deno.makeTempDir();
  const at = (path: string) => join(root, path);
  for (const [path, content] of Object.entries(contents)) {
    await Deno.mkdir(join(at(path), ".."), { recursive: true });
    await Deno.writeTextFile(at(path), content);
    await Deno.chmod(at(path), 0o600);
  }
  const name = Object.keys(contents)[0];
  const files: ConfiguredFile[] = [{ path: at(name), ...configured }];
  const check = (options: object) => ({ kind: "files", name: "keys", ...options });
  return {
    root,
    at,
    name,
    record: (parts: { files?: ConfiguredFile[] } = {}) => recordCheck(check({}), { files, ...parts }),
    async run(recorded: unknown, parts: { files?: ConfiguredFile[]; options?: object; startedAt?: Date } = {}) {
      const { options = {}, ...others } = parts;
      const verdict = await checkSystem([check(options)], {
        files,
        recorded: new Map(recorded === undefined ? [] : [["keys", recorded]]),
        ...others,
      });
      return { ...verdict, codes: verdict.findings.map(({ code }) => code) };
    },
    [Symbol.asyncDispose]: () => Deno.remove(root, { recursive: true }),
  };
}

const pem = (name: string) => Deno.readTextFileSync(join(made, name));
const secret = "PASSWORD=hunter2";

Deno.test("files check: a file as it was passes; changed, of the same size too, or gone it fails", async () => {
  await using files = await makeCase({ "app.env": secret });
  const recorded = await files.record();
  assert.equal((await files.run(recorded)).verdict, "pass");
  await Deno.writeTextFile(files.at("app.env"), "PASSWORD=hunter3");
  const changed = await files.run(recorded);
  assert.deepEqual([changed.verdict, changed.codes], ["fail", ["FILE_CHANGED"]]);
  assert.equal(changed.findings[0].object, files.at("app.env"));
  assert.doesNotMatch(JSON.stringify(changed), /hunter/);
  await Deno.remove(files.at("app.env"));
  assert.deepEqual((await files.run(recorded)).codes, ["FILE_MISSING"]);
  await assert.rejects(files.record(), /FILE_MISSING/);
});

Deno.test("files check: what is recorded tells nothing of a content, not even that two are the same", async () => {
  await using files = await makeCase({ "a.env": secret, "b.env": secret });
  const both = ["a.env", "b.env"].map((name) => ({ path: files.at(name) }));
  const recorded = await files.record({ files: both }) as Record<string, { salt: string; sha256_scrypt: string }>;
  const text = JSON.stringify(recorded);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret))).toHex();
  assert.ok(!text.includes("hunter") && !text.includes(hash));
  const [a, b] = Object.values(recorded);
  assert.notEqual(a.salt, b.salt);
  assert.notEqual(a.sha256_scrypt, b.sha256_scrypt);
});

Deno.test("files check: mode, owner and group as asked", async () => {
  await using files = await makeCase({ "ca.key": "x" });
  const recorded = await files.record();
  const path = files.at("ca.key");
  const run = (asked: object) => files.run(recorded, { files: [{ path, ...asked }] });
  const { uid, gid } = await Deno.stat(path);
  const account = (await Deno.readTextFile("/etc/passwd")).split("\n").find((line) => line.split(":")[2] === `${uid}`)!;
  const owner = account.split(":")[0];
  assert.equal((await run({ mode: "0600", owner, group: `${gid}` })).verdict, "pass");
  assert.equal((await run({ mode: "600" })).verdict, "pass");
  assert.deepEqual((await run({ owner: "nobody" })).codes, ["FILE_OWNER_WRONG"]);
  assert.deepEqual((await run({ group: "12345" })).codes, ["FILE_GROUP_WRONG"]);
  await Deno.chmod(path, 0o640);
  const { findings: [{ code, expected, actual }] } = await run({ mode: "0600" });
  assert.deepEqual([code, expected, actual], ["FILE_MODE_WRONG", "0600", "0640"]);
  const unasked = await run({});
  assert.deepEqual([unasked.verdict, unasked.notes?.map(({ code }) => code)], ["pass", ["FILE_MODE_CHANGED"]]);
});

Deno.test("files check: a directory stands for every file in it", async () => {
  await using files = await makeCase({ "keys/a": "1", "keys/deep/b": "2" });
  await Deno.symlink("..", files.at("keys/circle"));
  await Deno.symlink("nowhere", files.at("keys/broken"));
  await Deno.symlink("a", files.at("keys/linked"));
  const parts = { files: [{ path: files.at("keys"), mode: "0600" }] };
  const recorded = await files.record(parts);
  assert.deepEqual(Object.keys(recorded as object), ["keys/a", "keys/deep/b", "keys/linked"].map(files.at));
  assert.equal((await files.run(recorded, parts)).verdict, "pass");
  await Deno.writeTextFile(files.at("keys/new"), "3", { mode: 0o600 });
  const added = await files.run(recorded, parts);
  assert.deepEqual([added.verdict, added.notes?.map(({ code }) => code)], ["pass", ["FILE_ADDED"]]);
  await Deno.chmod(files.at("keys/deep/b"), 0o644);
  assert.deepEqual((await files.run(recorded, parts)).codes, ["FILE_MODE_WRONG"]);
  await Deno.remove(files.at("keys/deep/b"));
  assert.deepEqual((await files.run(recorded, parts)).codes, ["FILE_MISSING"]);
  await Deno.remove(files.at("keys"), { recursive: true });
  await Deno.mkdir(files.at("keys"));
  assert.equal((await files.run(undefined, { ...parts, options: { content: "any" } })).verdict, "fail");
});

Deno.test("files check: below another root, where links do not lead to this host's own files", async () => {
  await using host = await makeCase({ "etc/ca.key": "the host's" });
  await using restored = await makeCase({ "x": "" });
  const recorded = await host.record();
  const options = { root: restored.root };
  assert.deepEqual((await host.run(recorded, { options })).codes, ["FILE_MISSING"]);
  const path = join(restored.root, host.at("etc/ca.key"));
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await Deno.symlink(host.at("etc/real.key"), path);
  await Deno.writeTextFile(host.at("etc/real.key"), "the host's");
  assert.deepEqual((await host.run(recorded, { options })).codes, ["FILE_MISSING"]);
  await Deno.writeTextFile(join(restored.root, host.at("etc/real.key")), "the host's");
  assert.equal((await host.run(recorded, { options })).verdict, "pass");
  await Deno.writeTextFile(join(restored.root, host.at("etc/real.key")), "another's.");
  assert.deepEqual((await host.run(recorded, { options })).codes, ["FILE_CHANGED"]);
});

Deno.test("files check: what was not recorded is not run, unless any content will do", async () => {
  await using files = await makeCase({ "ca.key": "x", "new.key": "y" });
  const unrecorded = await files.run(undefined);
  assert.deepEqual([unrecorded.verdict, unrecorded.codes], ["unknown", ["FILES_NOT_RECORDED"]]);
  assert.equal((await files.run(undefined, { options: { content: "any" } })).verdict, "pass");
  const recorded = await files.record();
  const paths = { options: { paths: [files.at("ca.key"), files.at("new.key")] } };
  assert.deepEqual((await files.run(recorded, paths)).codes, ["FILES_NOT_RECORDED"]);
  assert.deepEqual((await files.run(recorded, { files: [] })).codes, ["NO_FILES_CONFIGURED"]);
});

for (const kind of ["ec", "rsa", "ed25519", "parameters"]) {
  Deno.test(`files check: a certificate of ${kind} belongs to its key, and to no other`, async () => {
    const other = kind === "rsa" ? "ec" : "rsa";
    await using files = await makeCase({
      "x.crt": pem(`${kind}.crt`),
      "x.key": pem(`${kind}.key`),
      "other.key": pem(`${other}.key`),
    });
    const recorded = await files.record();
    const run = (key: string) =>
      files.run(recorded, { files: [{ path: files.at("x.crt"), certificate_key: files.at(key) }] });
    assert.equal((await run("x.key")).verdict, "pass");
    assert.deepEqual((await run("other.key")).codes, ["CERTIFICATE_KEY_MISMATCH"]);
    assert.deepEqual((await run("gone.key")).codes, ["FILE_MISSING"]);
    await Deno.writeTextFile(files.at("other.key"), pem(`${other}.key`).slice(0, 100));
    assert.deepEqual((await run("other.key")).codes, ["KEY_UNREADABLE"]);
  });
}

Deno.test("files check: an encrypted key cannot be compared with its certificate, and no passphrase is asked for", async () => {
  await using files = await makeCase({ "x.crt": pem("rsa.crt"), "x.key": pem("encrypted.key") });
  const asked = [{ path: files.at("x.crt"), certificate_key: files.at("x.key") }];
  assert.deepEqual((await files.run(await files.record(), { files: asked })).codes, ["KEY_ENCRYPTED"]);
});

Deno.test("files check: a certificate must be valid when the run starts, and for as long as asked", async () => {
  await using files = await makeCase({ "x.crt": pem("ec.crt") });
  const recorded = await files.record();
  const at = (days: number, valid_for?: number) =>
    files.run(recorded, {
      files: [{ path: files.at("x.crt"), valid_for }],
      startedAt: new Date(Date.now() + days * day),
    });
  assert.equal((await at(0)).verdict, "pass");
  assert.equal((await at(0, 19 * day)).verdict, "pass");
  assert.deepEqual((await at(0, 21 * day)).codes, ["CERTIFICATE_EXPIRES_SOON"]);
  assert.deepEqual((await at(21)).codes, ["CERTIFICATE_EXPIRED"]);
  assert.deepEqual((await at(-1)).codes, ["CERTIFICATE_NOT_YET_VALID"]);
});

Deno.test("files check: of trust anchors some may have expired, of a chain none; all must be readable", async () => {
  const expired = pem("ec.crt");
  await openssl("req", "-x509", "-key", "ec.key", "-subj", "/CN=long", "-days", "400", "-out", "long.crt");
  await using files = await makeCase({ "anchors.pem": `# one\n${expired}\n# two\n${pem("long.crt")}` });
  const startedAt = new Date(Date.now() + 100 * day);
  const recorded = await files.record();
  assert.equal((await files.run(recorded, { startedAt })).verdict, "pass");
  const chain = [{ path: files.at("anchors.pem"), valid_for: 0 }];
  assert.deepEqual((await files.run(recorded, { startedAt, files: chain })).codes, ["CERTIFICATE_EXPIRED"]);
  assert.deepEqual(
    (await files.run(recorded, { startedAt: new Date(Date.now() + 500 * day) })).codes,
    ["CERTIFICATE_EXPIRED"],
  );
  for (const broken of [expired.slice(0, 200), expired.replace(/^M/m, "N"), expired.replace("-----END", "-----ENT")]) {
    await Deno.writeTextFile(files.at("anchors.pem"), pem("long.crt") + broken);
    const { codes } = await files.run(undefined, { options: { content: "any" } });
    assert.deepEqual(codes, ["CERTIFICATE_UNREADABLE"]);
  }
});

Deno.test("files check: a certificate in DER will do; something else where one is asked for will not", async () => {
  await using files = await makeCase({ "x.crt": "" }, { valid_for: day });
  await Deno.copyFile(join(made, "der.crt"), files.at("x.crt"));
  const options = { content: "any" };
  assert.equal((await files.run(undefined, { options })).verdict, "pass");
  await Deno.writeTextFile(files.at("x.crt"), "no certificate");
  assert.deepEqual((await files.run(undefined, { options })).codes, ["CERTIFICATE_UNREADABLE"]);
});
