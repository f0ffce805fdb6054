import assert from "node:assert/strict";
import { join } from "node:path";
import { appendEvidence, readLog } from "../../../lib/evidence/evidence_log.ts";
import { verifyLog } from "../../../lib/jobs/evidence/verify_log.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import { parseStatement } from "../../../lib/evidence/statement.ts";
import { parseEnvelope } from "../../../lib/evidence/dsse.ts";
import { writeKey } from "../../support/evidence.ts";
import { manifestOf } from "../../support/jobs.ts";
import { outcomeOf, pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { startTestServer } from "../../support/server.ts";
import { drillVerdict, hour, namesIn, sha256, storeBackup } from "../../support/stored_backups.ts";

const directory = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(directory, { recursive: true }));
const mine = await writeKey(directory, "mine");
const theirs = await writeKey(directory, "theirs");
let places = 0;
const newPlace = () => join(directory, `log-${++places}`);

Deno.test("keygen --signing: writes both halves, says the key's id, and replaces neither", async () => {
  const output = join(directory, "made");
  const made = await pgrehearse(["keygen", "--signing", "--output", output]);
  assert.equal(made.status, 0, made.stderr);
  assert.equal((await Deno.stat(output)).mode! & 0o777, 0o600);
  const secret = (await Deno.readTextFile(output)).split("\n")[1];
  assert.equal((made.stdout + made.stderr).includes(secret), false);
  const spki = Uint8Array.fromBase64((await Deno.readTextFile(`${output}.pub`)).split("\n")[1]);
  assert.deepEqual(made.verdict.signing_key, { id: sha256(spki), public_key: `${output}.pub` });
  const again = await pgrehearse(["keygen", "--signing", "--output", output]);
  assert.deepEqual([again.status, again.verdict.findings[0].code], [2, "OUTPUT_EXISTS"]);
  await Deno.remove(output);
  const beside = await pgrehearse(["keygen", "--signing", "--output", output]);
  assert.deepEqual([beside.status, beside.verdict.findings[0].code], [2, "OUTPUT_EXISTS"]);
  await assert.rejects(Deno.stat(output), Deno.errors.NotFound); // no half of a pair stays
});

Deno.test("evidence: of real runs, about their backup, one after the other", async (t) => {
  await using server = await startTestServer();
  const sql = await server.connect();
  await sql`CREATE TABLE orders (id int PRIMARY KEY)`;
  await sql`INSERT INTO orders SELECT generate_series(1, 100)`;
  await sql.end();
  const log = newPlace();
  const keep = ["--evidence", log, "--signing-key", mine.path];
  const verify = (record: string, ...args: string[]) =>
    pgrehearse(["verify-evidence", join(log, record), "--key", mine.publicPath, ...args]);
  const store = join(directory, "backups");
  const backup = await pgrehearse(["backup", "--db-url", server.url("postgres"), "--to", store, ...keep]);
  assert.equal(backup.status, 0, backup.stderr);
  const dump = backup.verdict.backup!.path;
  const drill = await pgrehearse(["drill", dump, ...keep]);
  assert.equal(drill.status, 0, drill.stderr);
  const records = ["evidence-00000001.dsse.json", "evidence-00000002.dsse.json"];

  await t.step("the same key signed the backup's manifest and the drill's record, and that is asked for", async () => {
    const trust = (key: string) => ["--trusted-key", key];
    const id = mine.key.verificationKey.id;
    assert.equal(backup.verdict.backup!.signed_by, id);
    const again = await pgrehearse(["drill", dump, ...trust(theirs.publicPath), ...trust(mine.publicPath)]);
    assert.deepEqual([again.verdict.proof, again.verdict.backup!.signed_by], ["exact", id], again.stderr);
    const health = (key: string) => pgrehearse(["status", "--from", store, ...trust(key)]);
    assert.equal((await health(mine.publicPath)).status, 0);
    assert.deepEqual((await health(theirs.publicPath)).verdict.findings.map(({ code }) => code), [
      "SIGNATURE_NOT_TRUSTED",
      "NEVER_DRILLED",
    ]);
    const bare = await pgrehearse(["backup", "--db-url", server.url("postgres"), "--to", store, ...keep.slice(2)]);
    assert.deepEqual([bare.verdict.backup!.signed_by, bare.verdict.evidence], [id, undefined], bare.stderr);
  });

  await t.step("each verdict says where it is kept, and by whose key", async () => {
    for (const [i, { verdict }] of [backup, drill].entries()) {
      const { record, sequence, key_id, sha256: said } = verdict.evidence!;
      assert.deepEqual([record, sequence, key_id], [join(log, records[i]), i + 1, mine.key.verificationKey.id]);
      assert.equal(said, sha256(await Deno.readFile(record)));
      assert.equal((await Deno.stat(record)).mode! & 0o777, 0o600);
    }
    assert.equal(drill.verdict.evidence!.previous_sha256, backup.verdict.evidence!.sha256);
    assert.match(drill.stderr, /evidence: .*evidence-00000002\.dsse\.json/);
  });

  await t.step("it holds exactly this verdict, about the manifest and the dump as they lie there", async () => {
    for (const [i, { verdict }] of [backup, drill].entries()) {
      const envelope = parseEnvelope(await Deno.readTextFile(join(log, records[i])))!;
      const { predicate, subject } = parseStatement(envelope.payload)!;
      const { evidence: _, ...rest } = verdict;
      assert.deepEqual(predicate.verdict, JSON.parse(JSON.stringify(rest)));
      const files = [manifestOf(dump), dump];
      const expected = await Promise.all(files.map(async (path) => sha256(await Deno.readFile(path))));
      assert.deepEqual(subject.map(({ digest }) => digest.sha256), expected);
    }
  });

  await t.step("verify-evidence passes it, also against the backup, and writes it as Sigstore's bundle", async () => {
    const bundle = join(directory, "bundle.json");
    const { status, verdict, stderr } = await verify(records[1], "--backup", dump, "--sigstore-bundle", bundle);
    assert.equal(status, 0, stderr);
    assert.deepEqual([verdict.evidence!.state, verdict.evidence!.says!.proof], ["intact", "exact"]);
    const { mediaType, verificationMaterial, dsseEnvelope } = JSON.parse(await Deno.readTextFile(bundle));
    assert.equal(mediaType, "application/vnd.dev.sigstore.bundle.v0.3+json");
    const hint = Uint8Array.fromHex(mine.key.verificationKey.id).toBase64();
    assert.deepEqual(verificationMaterial, { publicKey: { hint } });
    const { payload, signatures } = JSON.parse(await Deno.readTextFile(join(log, records[1])));
    assert.deepEqual([dsseEnvelope.payload, dsseEnvelope.signatures[0].sig], [payload, signatures[0].sig]);
  });

  await t.step("a different key is a different signer; a different backup is named as one", async () => {
    const other = await pgrehearse(["verify-evidence", join(log, records[0]), "--key", theirs.publicPath]);
    assert.deepEqual([other.status, other.verdict.findings[0].code], [1, "EVIDENCE_SIGNED_BY_OTHER"]);
    assert.equal(other.verdict.evidence!.key_id, mine.key.verificationKey.id);
    const both = await verify(records[0], "--key", theirs.publicPath);
    assert.equal(both.status, 0);
    const second = await pgrehearse(["backup", "--db-url", server.url("postgres"), "--to", store]);
    const wrong = await verify(records[1], "--backup", second.verdict.backup!.path);
    assert.deepEqual([wrong.status, wrong.verdict.findings[0].code], [1, "EVIDENCE_OF_OTHER_BACKUP"]);
  });

  await t.step("a dump changed since is found by its evidence, a missing one too", async () => {
    const bytes = await Deno.readFile(dump);
    await Deno.writeFile(dump, bytes.with(bytes.length >> 1, bytes[bytes.length >> 1] ^ 1));
    const altered = await verify(records[1], "--backup", dump);
    assert.deepEqual([altered.status, altered.verdict.findings[0].code], [1, "DUMP_ALTERED"]);
    const failed = await pgrehearse(["drill", dump, ...keep]);
    assert.equal(failed.status, 1);
    const says = (await verify("evidence-00000003.dsse.json")).verdict.evidence!.says!;
    assert.deepEqual([says.command, says.verdict], ["drill", "fail"]); // a failure is evidence, too
    await Deno.remove(dump);
    const missing = await verify(records[1], "--backup", manifestOf(dump));
    assert.deepEqual([missing.status, missing.verdict.findings[0].code], [1, "DUMP_FILE_MISSING"]);
  });

  await t.step("altered evidence is a failure; what is none is not verified", async () => {
    const path = join(log, records[0]);
    const envelope = JSON.parse(await Deno.readTextFile(path));
    envelope.payload = btoa(atob(envelope.payload).replace('"command":"backup"', '"command":"drillx"'));
    const altered = join(log, "altered.json");
    await Deno.writeTextFile(altered, JSON.stringify(envelope) + "\n");
    const { status, verdict } = await verify("altered.json", "--sigstore-bundle", join(directory, "never.json"));
    assert.deepEqual([status, verdict.findings[0].code], [1, "EVIDENCE_ALTERED"]);
    await assert.rejects(Deno.stat(join(directory, "never.json")), Deno.errors.NotFound);
    const none = await pgrehearse(["verify-evidence", manifestOf(dump), "--key", mine.publicPath]);
    assert.deepEqual([none.status, none.verdict.findings[0].code], [2, "NOT_EVIDENCE"]);
    const nowhere = await verify("evidence-00000099.dsse.json");
    assert.deepEqual([nowhere.status, nowhere.verdict.findings[0].code], [2, "OBJECT_MISSING"]);
  });
});

Deno.test("evidence: a key that others can read, or none, is refused before anything is done", async () => {
  const store = newPlace();
  await Deno.mkdir(store);
  const exposed = join(directory, "exposed");
  await Deno.copyFile(mine.path, exposed);
  await Deno.chmod(exposed, 0o644);
  const run = (...args: string[]) => pgrehearse(["status", "--from", store, ...args]);
  const refused = await run("--evidence", newPlace(), "--signing-key", exposed);
  assert.deepEqual(refused.verdict.findings.map(({ code }) => code), ["SIGNING_KEY_EXPOSED"]);
  assert.equal(refused.status, 2);
  const half = await run("--evidence", newPlace());
  assert.deepEqual([half.status, half.verdict.findings[0].code], [2, "USAGE"]);
});

Deno.test("evidence: what cannot be kept does not pass", async () => {
  const store = await openStore(newPlace());
  await storeBackup(store, { ageMs: hour });
  const file = join(directory, "a file");
  await Deno.writeTextFile(file, "");
  const { status, verdict } = await pgrehearse(
    ["list", "--from", store.address].with(0, "status").concat(
      "--evidence",
      join(file, "log"),
      "--signing-key",
      mine.path,
    ),
  );
  assert.ok(verdict.findings.some(({ code }) => code === "CANNOT_MAKE_DIRECTORY"), JSON.stringify(verdict.findings));
  assert.equal(status, 1); // never drilled: that it was not kept hides no failure
  const smoke = await pgrehearse(["smoke", "--rows", "1", "--evidence", join(file, "log"), "--signing-key", mine.path]);
  assert.deepEqual([smoke.status, smoke.verdict.verdict], [2, "unknown"]);
});

Deno.test("evidence: a run that was interrupted is in the log, too", async () => {
  const log = newPlace();
  const smoke = await startPgrehearse(
    ["smoke", "--rows", "1000000", "--evidence", log, "--signing-key", mine.path],
  );
  await smoke.untilItSays("migrate");
  smoke.kill("SIGTERM");
  const { status, verdict } = outcomeOf(await smoke.output());
  assert.equal(status, 143);
  const { payload } = parseEnvelope(await Deno.readTextFile(verdict.evidence!.record))!;
  const kept = parseStatement(payload)!.predicate.verdict;
  assert.deepEqual([kept.verdict, kept.findings[0].code], ["unknown", "INTERRUPTED"]);
});

Deno.test("evidence: processes that end at the same moment each get a place, and the chain holds", async () => {
  const [store, log] = [newPlace(), newPlace()];
  await Deno.mkdir(store);
  const runs = Array.from(
    { length: 8 },
    () => pgrehearse(["status", "--from", store, "--evidence", log, "--signing-key", mine.path]),
  );
  const sequences = (await Promise.all(runs)).map(({ verdict }) => verdict.evidence!.sequence!);
  assert.deepEqual(sequences.sort((a, b) => a - b), [1, 2, 3, 4, 5, 6, 7, 8]);
  await requireWhole(log, 8);
  assert.deepEqual((await Array.fromAsync(Deno.readDir(log))).length, 8); // and nothing unfinished
});

Deno.test("evidence: twenty at once in a directory", async () => {
  const store = await openStore(newPlace());
  await Promise.all(Array.from({ length: 20 }, () => appendEvidence(store, drillVerdict("pass", 0), mine.key)));
  await requireWhole(store.address, 20);
});

async function requireWhole(address: string, count: number, options = {}) {
  const store = await openStore(address, options);
  const { log, findings } = verifyLog(address, await readLog(store, [mine.key.verificationKey]));
  assert.deepEqual(findings, []);
  assert.deepEqual([log.is_whole, log.record_count], [true, count]);
  await store.close();
}

for (const isPlain of [false, true]) {
  const which = isPlain ? "that ignores conditions" : "that honours conditions";
  Deno.test(`evidence: in a bucket of a server ${which}`, async (t) => {
    await using s3 = await startS3Server({ isPlain });
    for (const [name, value] of Object.entries(s3.env)) Deno.env.set(name, value);
    const options = { endpoint: s3.endpoint };
    const from = newPlace();
    await Deno.mkdir(from);

    await t.step("a run keeps it there, and says whether the server guards it", async () => {
      const { verdict } = await pgrehearse(
        [
          "status",
          "--from",
          from,
          "--evidence",
          "s3://backups/one",
          "--signing-key",
          mine.path,
          "--endpoint",
          s3.endpoint,
        ],
        { env: s3.env },
      );
      assert.equal(verdict.evidence!.record, "s3://backups/one/evidence-00000001.dsse.json");
      const warnings = verdict.findings.filter(({ severity }) => severity === "warning").map(({ code }) => code);
      assert.deepEqual(warnings, isPlain ? ["EVIDENCE_UNGUARDED"] : []);
      const verified = await pgrehearse(
        ["verify-evidence", verdict.evidence!.record, "--key", mine.publicPath, "--endpoint", s3.endpoint],
        { env: s3.env },
      );
      assert.equal(verified.status, 0, verified.stderr);
    });

    await t.step("several at once", async () => {
      const stores = await Promise.all(
        Array.from({ length: isPlain ? 2 : 6 }, () => openStore("s3://backups/many", options)),
      );
      const kept = await Promise.all(stores.map((store) => appendEvidence(store, drillVerdict("pass", 0), mine.key)));
      assert.deepEqual(kept.map(({ isGuarded }) => isGuarded), kept.map(() => !isPlain));
      const names = (await namesIn(stores[0])).filter((name) => name.startsWith("evidence-"));
      await Promise.all(stores.map((store) => store.close()));
      // Without conditions two may overwrite each other: that is what the warning says.
      if (isPlain) return;
      assert.equal(names.length, 6);
      await requireWhole("s3://backups/many", 6, options);
    });

    if (isPlain) return;
    await t.step("an answer that is lost does not make two records of one", async () => {
      s3.inject(({ method, path, earlier }) =>
        method === "PUT" && path.endsWith("evidence-00000001.dsse.json") && earlier === 0
          ? { lie: "no answer" }
          : undefined
      );
      const store = await openStore("s3://backups/lost", options);
      const { evidence } = await appendEvidence(store, drillVerdict("pass", 0), mine.key);
      s3.inject(() => undefined);
      assert.equal(evidence.sequence, 1);
      await requireWhole("s3://backups/lost", 1, options);
      await store.close();
    });
  });
}

Deno.test("evidence: planted records of far numbers neither swallow a record nor stop the next", async () => {
  const place = newPlace();
  const store = await openStore(place);
  const append = async (key = mine.key) =>
    (await appendEvidence(store, drillVerdict("pass", 0), key)).evidence.sequence;
  assert.deepEqual([await append(), await append(theirs.key), await append()], [1, 2, 3]);
  const own = await Deno.readTextFile(join(place, "evidence-00000003.dsse.json"));
  for (const number of ["99999999", "50000000", "999999999999999", "000000004"]) {
    await Deno.writeTextFile(join(place, `evidence-${number}.dsse.json`), number === "50000000" ? "{" : own);
  }
  assert.deepEqual([await append(), await append(theirs.key), await append()], [4, 5, 6]);
  const log = await readLog(store, [mine.key.verificationKey, theirs.key.verificationKey]);
  assert.deepEqual(log.map(({ sequence }) => sequence), [
    1,
    2,
    3,
    4,
    5,
    6,
    50_000_000,
    99_999_999,
    999_999_999_999_999,
  ]);
  const { findings } = verifyLog(place, log);
  assert.deepEqual([...new Set(findings.map(({ object }) => object))].length, 3, "each of the planted ones is named");
  // A near one is gone round: the record that would have had its place comes after it.
  await Deno.writeTextFile(join(place, "evidence-00000007.dsse.json"), "{");
  assert.equal(await append(), 8);
});
