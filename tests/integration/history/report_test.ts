import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { sealEvidence } from "../../../lib/evidence/sealed_verdict.ts";
import { makeSigningKey, readSigningKey } from "../../../lib/evidence/signing_key.ts";
import type { Verdict } from "../../../lib/verdict/verdict.ts";
import { startReceiver } from "../../support/http_receiver.ts";
import { makeBackup, manifestOf, runDrill } from "../../support/jobs.ts";
import { pgrehearse } from "../../support/pgrehearse.ts";
import { failedDrill, passedDrill } from "../../support/sample_verdicts.ts";
import { startTestServer } from "../../support/server.ts";
import { parseXml } from "../../support/xml.ts";

const hostileTable = "<script>alert(1)</script>";

async function withDirectory(work: (inside: (name: string) => string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir();
  try {
    await work((name) => join(directory, name));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function writeVerdict(path: string, verdict: Verdict): Promise<string> {
  await Deno.writeTextFile(path, JSON.stringify(verdict));
  return path;
}

const exists = (path: string) => Deno.stat(path).then(() => true, () => false);
const modeOf = async (path: string) => (await Deno.stat(path)).mode! & 0o777;

Deno.test("report: a real drill as a page, JUnit, Markdown and metrics, with the tables of its manifest", () =>
  withDirectory(async (inside) => {
    await using server = await startTestServer();
    const name = await server.makeDatabase();
    const sql = await server.connect(name);
    await sql`CREATE TABLE ${sql(hostileTable)} (id int PRIMARY KEY)`;
    await sql`INSERT INTO ${sql(hostileTable)} SELECT generate_series(1, 1234)`;
    await sql.end();
    const dump = await makeBackup(server.url(name), inside("store"));
    const drilled = await runDrill(dump, { into: server.url() });
    assert.equal(drilled.verdict, "pass", JSON.stringify(drilled.findings));
    const beside = await writeVerdict(join(dirname(dump), "verdict.json"), drilled);
    const { status, verdict, stderr } = await pgrehearse([
      ...["report", beside, "--html", inside("r.html"), "--junit", inside("r.xml")],
      ...["--markdown", inside("r.md"), "--openmetrics", inside("r.prom")],
    ]);
    assert.equal(status, 0, stderr);
    assert.deepEqual([verdict.command, verdict.verdict], ["report", "pass"]);

    const page = await Deno.readTextFile(inside("r.html"));
    assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;&quot;<\/bdi>\s*<\/th>\s*<td[^>]*>1,234<\/td>/);
    assert.doesNotMatch(page, /<script/);
    const { rows: [{ digest }] } = JSON.parse(await Deno.readTextFile(manifestOf(dump)));
    assert.ok(page.includes(digest));
    assert.match(page, /all 1,234 rows in 1 table/);
    assert.match(await Deno.readTextFile(inside("r.md")), /all 1,234 rows in 1 table/);
    const suite = parseXml(await Deno.readTextFile(inside("r.xml"))).children[0];
    assert.equal(suite.attributes.tests, String(drilled.assertions.length));
    assert.match(await Deno.readTextFile(inside("r.prom")), /^pgrehearse_phase_duration_seconds\{.*phase="restore"\}/m);
    assert.deepEqual(await Promise.all(["r.html", "r.prom"].map((file) => modeOf(inside(file)))), [0o600, 0o644]);

    // Elsewhere, the manifest is not there unless it is named; another backup's is refused.
    const elsewhere = await writeVerdict(inside("elsewhere.json"), drilled);
    await pgrehearse(["report", elsewhere, "--html", inside("e.html")]);
    const without = await Deno.readTextFile(inside("e.html"));
    assert.ok(!without.includes(digest));
    assert.match(without, /are in the manifest of .*Name it with --manifest/);
    await pgrehearse(["report", elsewhere, "--html", inside("e.html"), "--manifest", manifestOf(dump)]);
    assert.ok((await Deno.readTextFile(inside("e.html"))).includes(digest));
    const other = manifestOf(await makeBackup(server.url(), inside("other")));
    const refused = await pgrehearse(["report", elsewhere, "--html", inside("no.html"), "--manifest", other]);
    assert.deepEqual([refused.status, refused.verdict.findings[0].code], [2, "MANIFEST_OF_OTHER"]);
    assert.equal(await exists(inside("no.html")), false);
    await Deno.copyFile(other, join(dirname(dump), basename(manifestOf(dump))));
    await pgrehearse(["report", beside, "--html", inside("e.html")]);
    assert.match(await Deno.readTextFile(inside("e.html")), /which is not beside the verdict/); // another backup's does
  }));

Deno.test("report: evidence is read, verified with --key, and refused if altered or signed with a different key", () =>
  withDirectory(async (inside) => {
    const keys: string[] = [];
    for (const name of ["ours", "others"]) {
      const { privatePem, publicPem } = makeSigningKey();
      await Deno.writeTextFile(inside(name), privatePem, { mode: 0o600 });
      await Deno.writeTextFile(inside(`${name}.pub`), publicPem);
      keys.push(inside(name));
    }
    const { text } = sealEvidence(passedDrill(), { sequence: 1, key: await readSigningKey(keys[0]) });
    await Deno.writeTextFile(inside("evidence.json"), text);
    const report = async (file: string, ...args: string[]) => {
      await Deno.remove(inside("r.html")).catch(() => {});
      const { status, verdict } = await pgrehearse(["report", inside(file), "--html", inside("r.html"), ...args]);
      const page = await Deno.readTextFile(inside("r.html")).catch(() => undefined);
      return { outcome: [status, verdict.findings[0]?.code], page };
    };
    const unchecked = await report("evidence.json");
    assert.deepEqual(unchecked.outcome, [0, undefined]);
    assert.match(unchecked.page!, /Signed, not verified here/);
    const verified = await report("evidence.json", "--key", `${keys[0]}.pub`);
    assert.deepEqual(verified.outcome, [0, undefined]);
    assert.match(verified.page!, /Signed and verified/);
    const bySomebodyElse = await report("evidence.json", "--key", `${keys[1]}.pub`);
    assert.deepEqual(bySomebodyElse, { outcome: [1, "EVIDENCE_SIGNED_BY_OTHER"], page: undefined });

    const envelope = JSON.parse(text);
    const payload = new TextDecoder().decode(Uint8Array.fromBase64(envelope.payload)).replace("18230114", "18230115");
    envelope.payload = new TextEncoder().encode(payload).toBase64();
    await Deno.writeTextFile(inside("altered.json"), JSON.stringify(envelope));
    for (const args of [[], ["--key", `${keys[0]}.pub`]]) {
      assert.deepEqual(await report("altered.json", ...args), { outcome: [1, "EVIDENCE_ALTERED"], page: undefined });
    }
    await writeVerdict(inside("plain.json"), passedDrill());
    assert.deepEqual((await report("plain.json", "--key", `${keys[0]}.pub`)).outcome, [1, "EVIDENCE_UNSIGNED"]);
    assert.match((await report("plain.json")).page!, /Not signed/);
  }));

Deno.test("report: from standard input; of a newer version; several runs at once", () =>
  withDirectory(async (inside) => {
    const newer = { ...passedDrill(), added_later: { a: 1 }, postgres: { server: "17.2", added: "too" } };
    const { status, stderr } = await pgrehearse(["report", "-", "--html", inside("r.html")], {
      stdin: JSON.stringify(newer),
    });
    assert.equal(status, 0, stderr);
    assert.match(await Deno.readTextFile(inside("r.html")), /The backup of shop can be restored\./);
    const files = [];
    for (const weeksAgo of [3, 0, 1]) {
      files.push(await writeVerdict(inside(`${weeksAgo}.json`), passedDrill({ weeksAgo })));
    }
    await pgrehearse(["report", ...files, "--html", inside("r.html"), "--junit", inside("r.xml")]);
    const page = await Deno.readTextFile(inside("r.html"));
    assert.match(page, /Trends over 3 runs/);
    assert.match(page, /On 21 November 2026, 03:00 UTC/); // the newest
    assert.equal(parseXml(await Deno.readTextFile(inside("r.xml"))).children.length, 3);
  }));

Deno.test("report: the metrics' file keeps the last success, and is only ever whole", () =>
  withDirectory(async (inside) => {
    const file = inside("pgrehearse.prom");
    const passed = await writeVerdict(inside("passed.json"), passedDrill({ weeksAgo: 1 }));
    const failed = await writeVerdict(inside("failed.json"), failedDrill());
    for (const verdict of [passed, failed]) await pgrehearse(["report", verdict, "--openmetrics", file]);
    const text = await Deno.readTextFile(file);
    const success = `${Date.parse(passedDrill({ weeksAgo: 1 }).finished_at) / 1_000}`;
    assert.ok(text.includes(`pgrehearse_last_success_timestamp_seconds{command="drill",database="shop"} ${success}\n`));
    assert.match(text, /verdict="fail"\} 1\n/);
    const files = await Array.fromAsync(Deno.readDir(dirname(file)), ({ name }) => name);
    assert.deepEqual(files.sort(), ["failed.json", "passed.json", "pgrehearse.prom"]);
  }));

Deno.test("report: a file that is not a verdict, or cannot be written, is exit 2 and leaves nothing", () =>
  withDirectory(async (inside) => {
    const good = await writeVerdict(inside("good.json"), passedDrill());
    await Deno.writeTextFile(inside("manifest.json"), '{"schema": "pgrehearse.manifest/v1"}');
    await Deno.writeTextFile(inside("cut.json"), JSON.stringify(passedDrill()).slice(0, 500));
    await Deno.writeTextFile(inside("odd.json"), JSON.stringify({ ...passedDrill(), phases: [{ name: 1 }] }));
    const outcome = async (...args: string[]) => {
      const { status, verdict } = await pgrehearse(["report", ...args]);
      return [status, verdict.findings[0].code];
    };
    for (const bad of ["manifest.json", "cut.json", "odd.json"]) {
      assert.deepEqual(await outcome(good, inside(bad), "--html", inside("r.html")), [2, "NOT_A_VERDICT"], bad);
    }
    assert.deepEqual(await outcome(inside("none.json"), "--html", inside("r.html")), [2, "VERDICT_UNREADABLE"]);
    assert.deepEqual(await outcome(good), [2, "NOTHING_TO_WRITE"]);
    assert.deepEqual(await outcome(good, "--html", inside("no/such/r.html")), [2, "CANNOT_WRITE_FILE"]);
    assert.deepEqual(await outcome("--html", inside("r.html")), [2, "USAGE"]);
    assert.equal(await exists(inside("r.html")), false);
  }));

Deno.test("any command: appends to GITHUB_STEP_SUMMARY and sends spans; neither changes the verdict", () =>
  withDirectory(async (inside) => {
    await using receiver = startReceiver();
    const env = {
      GITHUB_STEP_SUMMARY: inside("summary.md"),
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin,
    };
    await Deno.writeTextFile(inside("summary.md"), "# The job's own\n\n");
    const listed = await pgrehearse(["list", "--from", inside("store")], { env });
    const usage = await pgrehearse(["list"], { env });
    assert.deepEqual([listed.verdict.verdict, usage.status], [listed.status === 0 ? "pass" : "unknown", 2]);
    const summary = await Deno.readTextFile(inside("summary.md"));
    assert.match(summary, /^# The job's own\n\n## /);
    assert.equal(summary.match(/^## /gm)!.length, 2);
    const names = receiver.received.map(({ body }) => JSON.parse(body).resourceSpans[0].scopeSpans[0].spans[0].name);
    assert.deepEqual(names, ["pgrehearse list", "pgrehearse list"]);

    receiver.answer("hang");
    const troubled = await pgrehearse(["list", "--from", inside("store")], {
      env: { ...env, GITHUB_STEP_SUMMARY: inside("no/such/file"), OTEL_EXPORTER_OTLP_TIMEOUT: "300" },
    });
    assert.equal(troubled.status, listed.status);
    assert.match(troubled.stderr, /Could not write the summary to GITHUB_STEP_SUMMARY: /);
    assert.match(troubled.stderr, /Spans were not sent to the OTLP endpoint: no answer within 300 ms\./);
  }));
