import assert from "node:assert/strict";
import { join } from "node:path";
import { writeDrillRecord } from "../../../lib/evidence/drill_record.ts";
import { openStore } from "../../../lib/storage/open_store.ts";
import type { Store } from "../../../lib/storage/store.ts";
import { envelopeText, parseEnvelope } from "../../../lib/evidence/dsse.ts";
import { sealEvidence } from "../../../lib/evidence/sealed_verdict.ts";
import { parseStatement } from "../../../lib/evidence/statement.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { keepDrills, writeKey } from "../../support/evidence.ts";
import { pgrehearse, startPgrehearse } from "../../support/pgrehearse.ts";
import { startS3Server } from "../../support/s3_server.ts";
import { startTestServer } from "../../support/server.ts";
import { day, drillVerdict, hour, recordDrill, storeBackup } from "../../support/stored_backups.ts";

const directory = await Deno.makeTempDir();
Deno.test.afterAll(() => Deno.remove(directory, { recursive: true }));
const s3 = await startS3Server();
Deno.test.afterAll(async () => await s3[Symbol.asyncDispose]());
for (const [name, value] of Object.entries(s3.env)) Deno.env.set(name, value);
const mine = await writeKey(directory, "mine");
const theirs = await writeKey(directory, "theirs");
let places = 0;

async function newStore(): Promise<Store> {
  const path = join(directory, `store-${++places}`);
  await Deno.mkdir(path);
  return await openStore(path);
}

const history = (store: Store, ...args: string[]) => pgrehearse(["history", "--from", store.address, ...args]);
const verify = (store: Store, ...args: string[]) => history(store, "--verify", "--key", mine.publicPath, ...args);
const codesOf = ({ findings }: Verdict) => findings.map(({ code }) => code);
/** Where entries are in a log: part of its format. */
const entryName = (sequence: number) => `evidence-${String(sequence).padStart(8, "0")}.dsse.json`;
const pathOf = (store: Store, sequence: number) => store.localPath!(entryName(sequence));

Deno.test("history --verify: a log of five is whole, and its head is told and remembered", async () => {
  const store = await newStore();
  const hashes = await keepDrills(store, mine.key, [{}, {}, {}, {}, {}]);
  const { status, verdict, stderr } = await verify(store);
  assert.equal(status, 0, stderr);
  assert.deepEqual(verdict.evidence_log, {
    store: store.address,
    record_count: 5,
    is_whole: true,
    head: { sequence: 5, sha256: hashes[4] },
    signers: [{ key_id: mine.key.verificationKey.id, record_count: 5 }],
  });
  assert.deepEqual(verdict.notes!.map(({ code }) => code), ["END_NOT_CHECKED"]);
  const remembered = await verify(store, "--head", hashes[2]);
  assert.deepEqual([remembered.status, remembered.verdict.evidence_log!.since_head], [0, 2]);
  assert.equal(remembered.verdict.notes, undefined);
  for (const sequence of [4, 5]) await Deno.remove(pathOf(store, sequence));
  assert.equal((await verify(store)).status, 0); // the end can be cut off unnoticed …
  const cut = await verify(store, "--head", hashes[4]);
  assert.deepEqual([cut.status, codesOf(cut.verdict)], [1, ["EVIDENCE_HEAD_MISSING"]]); // … unless a head was remembered
});

/** Ways to tamper with a log of five, and all that must be found. */
const tamperings: { how: string; tamper: (store: Store) => Promise<void>; codes: string[] }[] = [
  {
    how: "one letter of a payload",
    tamper: (store) => rewrite(store, 3, (text) => text.replace(/"payload":"(.{40})./, '"payload":"$1A')),
    codes: ["EVIDENCE_ALTERED", "EVIDENCE_LINK_BROKEN"],
  },
  {
    how: "one letter of a signature",
    tamper: (store) =>
      rewrite(
        store,
        3,
        (text) => text.replace(/"sig":"(.{10})(.)/, (_, a, b) => `"sig":"${a}${b === "A" ? "B" : "A"}`),
      ),
    codes: ["EVIDENCE_ALTERED", "EVIDENCE_LINK_BROKEN"],
  },
  {
    how: "the newest one altered",
    tamper: (store) => rewrite(store, 5, (text) => text.replace(/"payload":"(.{40})./, '"payload":"$1A')),
    codes: ["EVIDENCE_ALTERED"],
  },
  {
    how: "a record laid out anew",
    tamper: (store) => rewrite(store, 3, (text) => JSON.stringify(JSON.parse(text), null, 2)),
    codes: ["EVIDENCE_LINK_BROKEN"],
  },
  {
    how: "two exchanged",
    tamper: async (store) => {
      const [second, third] = await Promise.all([2, 3].map((sequence) => Deno.readFile(pathOf(store, sequence))));
      await Deno.writeFile(pathOf(store, 2), third);
      await Deno.writeFile(pathOf(store, 3), second);
    },
    codes: ["EVIDENCE_MISPLACED", "EVIDENCE_MISPLACED", "EVIDENCE_LINK_BROKEN"],
  },
  {
    how: "the middle one removed",
    tamper: (store) => Deno.remove(pathOf(store, 3)),
    codes: ["EVIDENCE_MISSING"],
  },
  {
    how: "the middle one removed, and the others moved up",
    tamper: async (store) => {
      await Deno.rename(pathOf(store, 4), pathOf(store, 3));
      await Deno.rename(pathOf(store, 5), pathOf(store, 4));
    },
    codes: ["EVIDENCE_MISPLACED", "EVIDENCE_MISPLACED"],
  },
  {
    how: "the beginning cut off",
    tamper: async (store) => {
      for (const sequence of [1, 2]) await Deno.remove(pathOf(store, sequence));
    },
    codes: ["EVIDENCE_MISSING"],
  },
  {
    how: "one replaced by another's, with the right link",
    tamper: (store) => replace(store, 3, theirs.key),
    codes: ["EVIDENCE_SIGNED_BY_OTHER", "EVIDENCE_LINK_BROKEN"],
  },
  {
    how: "one replaced by the key's own holder",
    tamper: (store) => replace(store, 3, mine.key),
    codes: ["EVIDENCE_LINK_BROKEN"],
  },
  {
    how: "one replaced by something else",
    tamper: (store) => Deno.writeTextFile(pathOf(store, 3), "{}"),
    codes: ["NOT_EVIDENCE", "EVIDENCE_LINK_BROKEN"],
  },
];

async function rewrite(store: Store, sequence: number, change: (text: string) => string) {
  const path = pathOf(store, sequence);
  const text = await Deno.readTextFile(path);
  assert.notEqual(change(text), text);
  await Deno.writeTextFile(path, change(text));
}

async function replace(store: Store, sequence: number, key: typeof mine.key) {
  const { payload } = parseEnvelope(await Deno.readTextFile(pathOf(store, sequence)))!;
  const previous = parseStatement(payload)!.predicate.log.previous_sha256;
  const { text } = sealEvidence(drillVerdict("fail", 0), { sequence, previous, key });
  await Deno.writeTextFile(pathOf(store, sequence), text);
}

for (const { how, tamper, codes } of tamperings) {
  Deno.test(`history --verify: ${how}`, async () => {
    const store = await newStore();
    await keepDrills(store, mine.key, [{}, {}, {}, {}, {}]);
    await tamper(store);
    const { status, verdict } = await verify(store);
    assert.deepEqual([status, verdict.evidence_log!.is_whole], [1, false]);
    assert.deepEqual(codesOf(verdict), codes);
  });
}

Deno.test("history --verify: several keys count where several are named; nothing to verify does not pass", async () => {
  const store = await newStore();
  const none = await verify(store);
  assert.deepEqual([none.status, codesOf(none.verdict)], [2, ["NO_EVIDENCE"]]);
  await keepDrills(store, mine.key, [{}]);
  await keepDrills(store, theirs.key, [{}]);
  assert.deepEqual(codesOf((await verify(store)).verdict), ["EVIDENCE_SIGNED_BY_OTHER"]);
  assert.equal((await verify(store, "--key", theirs.publicPath)).status, 0);
  const noKey = await history(store, "--verify");
  assert.deepEqual([noKey.status, codesOf(noKey.verdict)], [2, ["USAGE"]]);
});

Deno.test("history: a log in a bucket", async () => {
  const store = await openStore("s3://backups/evidence", { endpoint: s3.endpoint });
  await keepDrills(store, mine.key, [{}, {}, {}]);
  const run = () =>
    pgrehearse([
      ...["history", "--from", store.address, "--endpoint", s3.endpoint],
      ...["--verify", "--key", mine.publicPath],
    ], { env: s3.env });
  assert.equal((await run()).status, 0);
  await store.write(entryName(2), ReadableStream.from([new TextEncoder().encode("{}")]));
  assert.deepEqual(codesOf((await run()).verdict), ["NOT_EVIDENCE", "EVIDENCE_LINK_BROKEN"]);
  await store.close();
});

const at = (ageMs: number) => new Date(Date.now() - ageMs).toISOString();

/** A drill's verdict that ended so long ago, of a backup, with figures. */
function drilled(backup: string, ageMs: number, fields: Partial<Verdict> = {}): Verdict {
  return {
    ...drillVerdict("pass", ageMs),
    backup: { name: backup, path: `/b/${backup}.dump`, size_bytes: 5_000_000, database: "shop" },
    recovery: { rto_ms: 61_000, rto_limit_ms: 3_600_000, rpo_ms: 900_000 },
    ...fields,
  };
}

Deno.test("history: shows drills and restores from all that remembers them, each once, newest first", async () => {
  const store = await newStore();
  const name = await storeBackup(store, { ageMs: 5 * day });
  const kept = drilled(name, 2 * day);
  await recordDrill(store, name, drilled(name, 3 * day, { verdict: "fail", proof: undefined }), mine.key);
  await recordDrill(store, name, kept);
  const forged = await recordDrill(store, name, drilled(name, 4 * day));
  const others = await writeDrillRecord(store, name, {
    ...drilled(name, 4 * day),
    backup: { name, path: name, size_bytes: 1, manifest_sha256: "0".repeat(64) },
  });
  await keepDrills(store, mine.key, [kept, { command: "status" }]);
  await Deno.writeTextFile(store.localPath!(`${name}.drill-20260101T000000Z.json`), "{");
  const { status, verdict, stderr } = await history(store, "--key", mine.publicPath);
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    verdict.history!.map((
      { command, verdict, proof, backup, size_bytes, rto_ms, rpo_ms, evidence, records },
    ) => [command, verdict, proof, backup, size_bytes, rto_ms, rpo_ms, evidence, records.length]),
    [
      ["drill", "pass", "exact", name, 5_000_000, 61_000, 900_000, "intact", 2],
      ["drill", "fail", undefined, name, 5_000_000, 61_000, 900_000, "unsigned", 1],
    ],
  );
  assert.deepEqual(
    verdict.notes!.map(({ code, object }) => [code, object]).sort(),
    [
      ["RECORD_NOT_SIGNED", forged],
      ["RECORD_UNREADABLE", `${name}.drill-20260101T000000Z.json`],
      ["RECORD_UNREADABLE", others],
    ],
  );
  assert.match(stderr, /when +run +backup +verdict +proof +size +RTO +limit +RPO +limit +evidence\n/);
  assert.match(stderr, /drill .* pass +exact +5 MB +1 min 1 s +1 h +15 min +- +intact\n/);
  const unchecked = await history(store);
  assert.equal(unchecked.verdict.history![0].evidence, "unchecked");

  const { stdout, status: jsonStatus } = await (await startPgrehearse(["history", "--from", store.address, "--json"]))
    .output();
  const document = JSON.parse(stdout);
  assert.deepEqual([jsonStatus, document.schema, document.runs.length], [0, "pgrehearse.history/v1", 3]);
});

Deno.test("history: a drill record that was changed afterwards disagrees with its evidence", async () => {
  const store = await newStore();
  const name = await storeBackup(store, { ageMs: day });
  const failed = drilled(name, hour, { verdict: "fail", proof: undefined });
  await keepDrills(store, mine.key, [failed]);
  await recordDrill(store, name, { ...failed, verdict: "pass", proof: "exact" });
  const { status, verdict } = await history(store, "--key", mine.publicPath);
  assert.deepEqual([status, codesOf(verdict), verdict.history![0].verdict], [1, ["RECORD_DISAGREES"], "fail"]);
});

Deno.test("history: warns of a limit that the trend will cross, with its date", async () => {
  const store = await newStore();
  const name = await storeBackup(store, { ageMs: 30 * day });
  for (let age = 6; age >= 1; age--) {
    const rto_ms = 60_000 - age * 1000;
    await recordDrill(store, name, drilled(name, age * day, { recovery: { rto_ms, rto_limit_ms: 69_000 } }));
  }
  const { status, verdict, stderr } = await history(store);
  assert.equal(status, 0, stderr);
  assert.deepEqual(codesOf(verdict), ["TREND_CROSSES_LIMIT"]);
  const date = at(-9 * day).slice(0, 10);
  assert.match(verdict.findings[0].message, new RegExp(`will cross its limit of 1 min 9 s on ${date}`));
  assert.match(
    stderr,
    new RegExp(`RTO of shop: \\+1 s a day, from 6 drills; will reach its limit of 1 min 9 s on ${date}`),
  );
  assert.deepEqual(codesOf((await history(store, "--horizon", "5d")).verdict), []);
  assert.deepEqual(codesOf((await history(store, "--rto-limit", "30s", "--size-limit", "4MB")).verdict), [
    "TREND_CROSSES_LIMIT",
    "TREND_CROSSES_LIMIT",
  ]);
});

Deno.test("history: of a real drill and a real restore, with the writes that it lost", async () => {
  await using server = await startTestServer();
  const sql = await server.connect();
  await sql`CREATE DATABASE shop`;
  await sql.end();
  const store = await newStore();
  const keep = ["--evidence", store.address, "--signing-key", mine.path];
  const made = await pgrehearse(["backup", "--db-url", server.url("shop"), "--to", store.address]);
  const dump = made.verdict.backup!.path;
  const drill = await pgrehearse(["drill", dump, "--allow-empty", ...keep]);
  assert.equal(drill.status, 0, drill.stderr);
  const restore = await pgrehearse(["restore", dump, "--target-url", server.url("shop2"), ...keep]);
  assert.equal(restore.status, 0, restore.stderr);
  const { status, verdict, stderr } = await verify(store);
  assert.equal(status, 0, stderr);
  assert.deepEqual(
    verdict.history!.map(({ command, verdict, database, evidence, records }) => [
      ...[command, verdict, database, evidence],
      records.length,
    ]),
    [["restore", "pass", "shop", "intact", 2], ["drill", "pass", "shop", "intact", 2]],
  );
  assert.ok(verdict.history![0].rpo_ms! >= 0 && verdict.history![0].rto_ms! > 0);
});

Deno.test("controls: lists what there is for each, what does not count, and what is missing", async () => {
  const store = await newStore();
  const name = await storeBackup(store, { ageMs: 5 * day });
  const controls = ["ISO27001-A.8.13", "SOC2-A1.2"];
  await keepDrills(store, mine.key, [
    drilled(name, 3 * day, { controls }),
    drilled(name, 2 * day, { controls: ["ISO27001-A.8.13"], verdict: "fail", proof: undefined }),
    drilled(name, day, { controls: ["SOC2-A1.2"] }),
  ]);
  const run = (...args: string[]) =>
    pgrehearse(["controls", "--from", store.address, "--key", mine.publicPath, ...args]);
  const markdown = join(directory, "controls.md");
  const all = await run("--markdown", markdown);
  assert.equal(all.status, 0, all.stderr);
  assert.deepEqual(
    all.verdict.control_evidence!.map(({ control, last_pass_at, evidence }) => [
      ...[control, last_pass_at?.slice(0, 10)],
      evidence.map(({ verdict, evidence }) => `${verdict} ${evidence}`),
    ]),
    [
      ["ISO27001-A.8.13", at(3 * day).slice(0, 10), ["fail intact", "pass intact"]],
      ["SOC2-A1.2", at(day).slice(0, 10), ["pass intact", "pass intact"]],
    ],
  );
  const text = await Deno.readTextFile(markdown);
  assert.match(text, /^## ISO27001-A\.8\.13$/m);
  assert.match(text, /\| drill \| pass \| exact \| shop-.* \| evidence-00000003\.dsse\.json \| intact \|/);

  const gap = await run("--control", "HIPAA-164.308(a)(7)(ii)(D)");
  assert.deepEqual([gap.status, codesOf(gap.verdict)], [1, ["CONTROL_WITHOUT_EVIDENCE"]]);
  const { stdout } = await (await startPgrehearse(["controls", "--from", store.address, "--json"])).output();
  assert.deepEqual([JSON.parse(stdout).schema, JSON.parse(stdout).controls.length], ["pgrehearse.controls/v1", 2]);

  const path = pathOf(store, 1);
  const envelope = parseEnvelope(await Deno.readTextFile(path))!;
  const altered = new TextDecoder().decode(envelope.payload).replace('"exact"', '"other"');
  await Deno.writeTextFile(path, envelopeText({ ...envelope, payload: new TextEncoder().encode(altered) }));
  const spoilt = await run();
  assert.equal(spoilt.status, 1);
  assert.deepEqual(codesOf(spoilt.verdict), ["EVIDENCE_ALTERED", "CONTROL_WITHOUT_EVIDENCE"]);
});

Deno.test("controls, history: take stores, limit and controls from the configuration", async () => {
  const [store, log] = [await newStore(), await newStore()];
  const name = await storeBackup(store, { ageMs: day });
  await keepDrills(log, mine.key, [drilled(name, hour, { controls: ["A.8.13"] })]);
  const config = join(directory, "pgrehearse.jsonc");
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      databases: { shop: {} },
      store: store.address,
      evidence: { to: log.address, signing_key: mine.path },
      controls: { "A.8.13": ["drill"], "CC7.5": ["restore"] },
    }),
  );
  const listed = await pgrehearse(["controls", "--config", config, "--key", mine.publicPath]);
  assert.equal(listed.status, 1, listed.stderr);
  assert.deepEqual(listed.verdict.findings.map(({ code, object }) => [code, object]), [
    ["CONTROL_WITHOUT_EVIDENCE", "CC7.5"],
  ]);
  const whole = await pgrehearse(["history", "--config", config, "--verify", "--key", mine.publicPath]);
  assert.equal(whole.status, 0, whole.stderr);
  assert.deepEqual([whole.verdict.evidence_log!.store, whole.verdict.history!.length], [log.address, 1]);
});

Deno.test("history --verify --head-file: a log that was replaced by another one of the same key is seen", async () => {
  const store = await newStore();
  await keepDrills(store, mine.key, [{}, {}, {}]);
  const headFile = join(store.address, "remembered");
  const verify = async () => {
    const args = ["--verify", "--key", mine.publicPath, "--head-file", headFile];
    const { status, verdict } = await history(store, ...args);
    return [status, ...codesOf(verdict)];
  };
  assert.deepEqual(await verify(), [0]);
  const remembered = await Deno.readTextFile(headFile);
  await keepDrills(store, mine.key, [{}]);
  assert.deepEqual(await verify(), [0]);
  assert.notEqual(await Deno.readTextFile(headFile), remembered);
  for (let sequence = 1; sequence <= 4; sequence++) await store.remove(entryName(sequence));
  await keepDrills(store, mine.key, [{}, {}, {}, {}, {}]);
  assert.deepEqual(await verify(), [1, "EVIDENCE_HEAD_MISSING"]);
  assert.deepEqual(await verify(), [1, "EVIDENCE_HEAD_MISSING"], "it is not forgotten");
  await Deno.writeTextFile(headFile, "nonsense");
  assert.deepEqual(await verify(), [2, "HEAD_UNREADABLE"]);
});
