import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import {
  envelopeText,
  isSignedBy,
  parseEnvelope,
  preAuthenticationEncoding,
  signEnvelope,
} from "../../lib/evidence/dsse.ts";
import { examineEvidence, sealEvidence } from "../../lib/evidence/sealed_verdict.ts";
import {
  makeSigningKey,
  readSigningKey,
  readVerificationKey,
  type SigningKey,
} from "../../lib/evidence/signing_key.ts";
import { drillVerdict } from "../support/stored_backups.ts";

const directory = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(directory, { recursive: true }));

async function newKey(name: string): Promise<SigningKey> {
  const { privatePem, publicPem } = makeSigningKey();
  await Deno.writeTextFile(join(directory, name), privatePem, { mode: 0o600 });
  await Deno.writeTextFile(join(directory, `${name}.pub`), publicPem);
  return await readSigningKey(join(directory, name));
}

const [mine, theirs] = [await newKey("mine"), await newKey("theirs")];
const keys = [mine.verificationKey];
const bytesOf = (text: string) => new TextEncoder().encode(text);
const verdict = drillVerdict("pass", 0);
const sealed = sealEvidence(verdict, { sequence: 1, key: mine });
const stateOf = (text: string) => examineEvidence(bytesOf(text), keys).state;

Deno.test("dsse: encodes as the specification's test vector, and reads its envelope", () => {
  const encoded = preAuthenticationEncoding("http://example.com/HelloWorld", bytesOf("hello world"));
  assert.equal(new TextDecoder().decode(encoded), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  assert.equal(new TextDecoder().decode(preAuthenticationEncoding("é", bytesOf("ü"))), "DSSEv1 2 é 2 ü"); // bytes count
  const envelope = parseEnvelope(JSON.stringify({
    payload: "aGVsbG8gd29ybGQ=",
    payloadType: "http://example.com/HelloWorld",
    signatures: [{
      sig: "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==",
    }],
  }))!;
  assert.equal(new TextDecoder().decode(envelope.payload), "hello world");
  assert.equal(envelope.signatures[0].signature.length, 64);
});

Deno.test("dsse: the first Ed25519 vector of RFC 8032 is what our keys mean", async () => {
  const seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
  const der = Uint8Array.fromHex(`302e020100300506032b657004220420${seed}`);
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toBase64()}\n-----END PRIVATE KEY-----\n`;
  const path = join(directory, "rfc8032");
  await Deno.writeTextFile(path, pem, { mode: 0o600 });
  const { verificationKey } = await readSigningKey(path);
  const publicKey = verificationKey.spki.slice(-32).toHex();
  assert.equal(publicKey, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  assert.ok(createPublicKey(createPrivateKey(pem) as never).equals(verificationKey.publicKey));
});

Deno.test("evidence: openssl verifies the signature over the encoded payload, with the public key as keygen writes it", async () => {
  const { payloadType, payload, signatures } = parseEnvelope(sealed.text)!;
  await Deno.writeFile(join(directory, "encoded"), preAuthenticationEncoding(payloadType, payload));
  await Deno.writeFile(join(directory, "signature"), signatures[0].signature);
  const verify = async (key: string) => {
    const args = ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", "encoded", "-sigfile", "signature"];
    return (await new Deno.Command("openssl", { args, cwd: directory, stdout: "null", stderr: "null" }).output()).code;
  };
  assert.equal(await verify("mine.pub"), 0);
  assert.notEqual(await verify("theirs.pub"), 0);
});

Deno.test("evidence: a key that openssl made signs, too", async () => {
  const args = ["genpkey", "-algorithm", "ed25519", "-out", "openssl.pem"];
  await new Deno.Command("openssl", { args, cwd: directory, stderr: "null" }).output();
  const path = join(directory, "openssl.pem");
  await Deno.chmod(path, 0o600);
  const key = await readSigningKey(path);
  const { text } = sealEvidence(verdict, { sequence: 1, key });
  assert.equal(examineEvidence(bytesOf(text), [key.verificationKey]).state, "intact");
});

Deno.test("evidence: is a statement of in-toto about the backup's manifest and dump, with one signature and no key id", () => {
  const [dump, manifest] = ["d".repeat(64), "e".repeat(64)];
  const backup = { name: "shop-1", path: "/b/shop-1.dump", size_bytes: 1, sha256: dump, manifest_sha256: manifest };
  const { text } = sealEvidence({ ...verdict, backup }, { sequence: 7, previous: "0".repeat(64), key: mine });
  const envelope = JSON.parse(text);
  assert.deepEqual(Object.keys(envelope).sort(), ["payload", "payloadType", "signatures"]);
  assert.equal(envelope.payloadType, "application/vnd.in-toto+json");
  assert.deepEqual(envelope.signatures.map(({ keyid }: { keyid: string }) => keyid), [""]);
  const statement = JSON.parse(atob(envelope.payload));
  assert.equal(statement._type, "https://in-toto.io/Statement/v1");
  assert.deepEqual(statement.subject, [
    { name: "shop-1.manifest.json", digest: { sha256: manifest } },
    { name: "shop-1.dump", digest: { sha256: dump } },
  ]);
  const { sequence, previous_sha256, key_id } = statement.predicate.log;
  assert.deepEqual([sequence, previous_sha256, key_id], [7, "0".repeat(64), mine.verificationKey.id]);
  assert.equal(JSON.parse(atob(JSON.parse(sealed.text).payload)).subject.length, 1); // of no backup: never none
});

Deno.test("evidence: no letter of it can be another one", () => {
  const text = sealed.text.trimEnd();
  assert.equal(stateOf(sealed.text), "intact");
  for (let i = 0; i < text.length; i++) {
    const altered = text.slice(0, i) + (text[i] === "A" ? "B" : "A") + text.slice(i + 1);
    const { state, isAsWritten } = examineEvidence(bytesOf(altered), keys);
    if (state === "intact") assert.equal(isAsWritten, false, `letter ${i}: ${altered.slice(i - 20, i + 20)}`);
    else assert.equal(state, "altered", `letter ${i}: ${altered.slice(Math.max(0, i - 20), i + 20)}`);
  }
});

Deno.test("evidence: tells what another key signed from what was altered, also where both happened", () => {
  const other = sealEvidence(verdict, { sequence: 1, key: theirs }).text;
  const examined = examineEvidence(bytesOf(other), keys);
  assert.deepEqual([examined.state, examined.signer], ["signed_by_other", theirs.verificationKey.id]);
  const envelope = parseEnvelope(sealed.text)!;
  const payload = bytesOf(new TextDecoder().decode(envelope.payload).replace('"pass"', '"fail"'));
  assert.equal(stateOf(envelopeText({ ...envelope, payload })), "altered");
  // Altered, and signed anew by a person who left the first signer's name in it.
  assert.equal(stateOf(envelopeText(signEnvelope(envelope.payloadType, payload, theirs))), "altered");
  // Altered and signed anew in one's own name: that is what a forger can do.
  assert.equal(
    stateOf(sealEvidence({ ...verdict, verdict: "fail" }, { sequence: 1, key: theirs }).text),
    "signed_by_other",
  );
  assert.equal(examineEvidence(bytesOf(other), [...keys, theirs.verificationKey]).state, "intact");
  assert.equal(examineEvidence(bytesOf(other), []).state, "unchecked");
});

Deno.test("evidence: laid out anew it is intact, and not as it was written; another payload type is not evidence", () => {
  const formatted = JSON.stringify(JSON.parse(sealed.text), null, 2);
  const { state, isAsWritten } = examineEvidence(bytesOf(formatted), keys);
  assert.deepEqual([state, isAsWritten], ["intact", false]);
  const envelope = parseEnvelope(sealed.text)!;
  const other = signEnvelope("application/octet-stream", envelope.payload, mine);
  assert.ok(isSignedBy(other, mine.verificationKey));
  assert.equal(stateOf(envelopeText(other)), "not_evidence");
  assert.equal(stateOf(envelopeText({ ...envelope, payloadType: "text/plain" })), "altered");
  for (const text of ["", "{}", "hello", JSON.stringify(verdict), "[]", "null"]) {
    assert.equal(stateOf(text), "not_evidence");
  }
});

Deno.test("evidence: a key that others can read is refused, and so are other keys", async () => {
  const path = join(directory, "mine");
  await Deno.chmod(path, 0o640);
  await assert.rejects(readSigningKey(path), { code: "SIGNING_KEY_EXPOSED" });
  await Deno.chmod(path, 0o600);
  await assert.rejects(readSigningKey(`${path}.none`), { code: "SIGNING_KEY_UNREADABLE" });
  await assert.rejects(readVerificationKey(path), { code: "BAD_VERIFICATION_KEY", message: /it is a private key/ });
  await assert.rejects(readVerificationKey(`${path}.none`), { code: "BAD_VERIFICATION_KEY" });
  const args = ["genpkey", "-algorithm", "RSA", "-out", "rsa.pem"];
  await new Deno.Command("openssl", { args, cwd: directory, stderr: "null", stdout: "null" }).output();
  await Deno.chmod(join(directory, "rsa.pem"), 0o600);
  await assert.rejects(readSigningKey(join(directory, "rsa.pem")), { code: "BAD_SIGNING_KEY" });
});
