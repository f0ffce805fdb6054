import assert from "node:assert/strict";
import { join } from "node:path";
import { decrypt, encrypt, makeKeyPair, readIdentities } from "../../lib/storage/encryption.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";
import { sha256 } from "../support/stored_backups.ts";

const chunk = 64 * 1024;
const name = "x.dump.age";

async function* once(data: Uint8Array) {
  for (let i = 0; i < data.length; i += 10_000) yield data.subarray(i, i + 10_000);
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(ReadableStream.from(stream)).arrayBuffer());
}

const encrypted = async (data: Uint8Array, ...recipients: string[]) =>
  await collect(await encrypt(once(data), recipients));
const decrypted = async (data: Uint8Array, ...identities: string[]) =>
  await collect(await decrypt(once(data), { name, identities }));
const hasCode = (code: string) => (error: unknown) => error instanceof OperatorError && error.code === code;

const [anna, ben, eve] = await Promise.all([makeKeyPair(), makeKeyPair(), makeKeyPair()]);
const data = crypto.getRandomValues(new Uint8Array(chunk));

Deno.test("encryption: each recipient can read it, and no other key", async () => {
  const secret = await encrypted(data, anna.recipient, ben.recipient);
  assert.equal(sha256(await decrypted(secret, anna.identity)), sha256(data));
  assert.equal(sha256(await decrypted(secret, eve.identity, ben.identity)), sha256(data));
  await assert.rejects(decrypted(secret, eve.identity), hasCode("IDENTITY_DOES_NOT_FIT"));
});

Deno.test("encryption: what was altered or cut short anywhere is an error", async () => {
  const whole = new Uint8Array([...data, ...data, ...data.slice(9)]);
  const secret = await encrypted(whole, anna.recipient);
  assert.equal(sha256(await decrypted(secret, anna.identity)), sha256(whole));
  const header = secret.length - whole.length - 3 * 16;
  for (const length of [0, 10, header, header + chunk + 16, header + 2 * (chunk + 16), secret.length - 1]) {
    await assert.rejects(decrypted(secret.slice(0, length), anna.identity), hasCode("DECRYPTION_FAILED"), `${length}`);
  }
  for (const at of [0, header - 5, header + 5, secret.length - 1]) {
    const altered = secret.with(at, secret[at] ^ 1);
    await assert.rejects(decrypted(altered, anna.identity), OperatorError, `${at}`);
  }
});

Deno.test("encryption: the source's own failure is thrown on as it is", async () => {
  const failing = async function* () {
    yield await encrypted(data, anna.recipient).then((all) => all.slice(0, 1000));
    throw new Error("the network");
  };
  await assert.rejects(
    async () => collect(await decrypt(failing(), { name, identities: [anna.identity] })),
    /the network/,
  );
});

Deno.test("encryption: a recipient that is none, or an identity instead, is refused without being shown", async () => {
  await assert.rejects(encrypted(data, "age1nonsense"), hasCode("BAD_RECIPIENT"));
  await assert.rejects(encrypted(data, anna.identity), (error) => {
    return error instanceof OperatorError && error.code === "BAD_RECIPIENT" && !error.message.includes(anna.identity);
  });
});

Deno.test("encryption: an identity file that others may read is refused; so is one that holds none", async () => {
  const directory = await Deno.makeTempDir();
  const path = join(directory, "identity");
  await Deno.writeTextFile(path, `# comment\n\n${anna.identity}\r\n`, { mode: 0o600 });
  assert.deepEqual(await readIdentities(path), [anna.identity]);
  for (const mode of [0o640, 0o604, 0o620]) {
    await Deno.chmod(path, mode);
    await assert.rejects(readIdentities(path), hasCode("IDENTITY_EXPOSED"));
  }
  await Deno.chmod(path, 0o600);
  for (const text of ["", "# nothing\n", "hello\n", anna.recipient, `${anna.identity}\nhello\n`]) {
    await Deno.writeTextFile(path, text);
    await assert.rejects(readIdentities(path), hasCode("BAD_IDENTITY"), text);
  }
  await assert.rejects(readIdentities(join(directory, "none")), hasCode("IDENTITY_UNREADABLE"));
  await Deno.remove(directory, { recursive: true });
});
