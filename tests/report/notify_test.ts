import assert from "node:assert/strict";
import { notify, notifyStart, type NotifyTargets } from "../../lib/report/notify.ts";
import { notifySchema } from "../../lib/report/notify_schema.ts";
import { redact } from "../../lib/system/redact.ts";
import type { Verdict } from "../../lib/verdict/verdict.ts";
import { type HttpReceiver, startReceiver } from "../support/http_receiver.ts";
import { failedDrill, hostileDrill, passedDrill, unknownDrill } from "../support/sample_verdicts.ts";

const secret = "T0000000000/B0000000000/verysecretpath";
const quickly = { retryDelaysMs: [1, 1] };

function targetsOf(configured: unknown): NotifyTargets {
  return notifySchema.parse(configured);
}

async function withReceiver(work: (receiver: HttpReceiver, url: (path: string) => string) => Promise<void>) {
  await using receiver = startReceiver();
  await work(receiver, (path) => `${receiver.origin}${path}`);
}

Deno.test("notify: a webhook gets the verdict as JSON, after the verdicts that it wants", () =>
  withReceiver(async (receiver, url) => {
    const webhook = { url: url(`/hook/${secret}`), headers: { Authorization: "Bearer abcdefghijklmnop" } };
    const targets = targetsOf({ webhooks: [webhook, { ...webhook, when: ["pass"], commands: ["backup"] }] });
    assert.deepEqual(await notify(passedDrill(), targets), []);
    assert.equal(receiver.received.length, 0);
    for (const verdict of [failedDrill(), unknownDrill()]) assert.deepEqual(await notify(verdict, targets), []);
    assert.equal(receiver.received.length, 2);
    const [{ method, path, headers, body }] = receiver.received;
    assert.deepEqual([method, path], ["POST", `/hook/${secret}`]);
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("authorization"), "Bearer abcdefghijklmnop");
    const { schema, text, host, verdict } = JSON.parse(body);
    assert.deepEqual([schema, text, host], [
      "pgrehearse.notification/v1",
      "fail: The backup of shop did not pass the drill.",
      Deno.hostname(),
    ]);
    assert.deepEqual(verdict, JSON.parse(JSON.stringify(failedDrill())));
  }));

Deno.test("notify: `changed` tells when the verdict differs from the last one", () =>
  withReceiver(async (receiver, url) => {
    const targets = targetsOf({ webhooks: [{ url: url("/"), when: ["changed"] }] });
    const isTold = async (verdict: Verdict, previous?: Verdict["verdict"]) => {
      receiver.received.length = 0;
      await notify(verdict, targets, { previous });
      return receiver.received.length === 1;
    };
    assert.equal(await isTold(passedDrill(), "fail"), true);
    assert.equal(await isTold(passedDrill(), "pass"), false);
    assert.equal(await isTold(failedDrill(), "fail"), false);
    assert.equal(await isTold(unknownDrill(), "fail"), true);
    assert.equal(await isTold(failedDrill()), true);
    assert.equal(await isTold(passedDrill()), false);
  }));

Deno.test("notify: Slack and Discord get messages without mentions and without markup from outside", () =>
  withReceiver(async (receiver, url) => {
    const targets = targetsOf({
      webhooks: [{ url: url("/slack"), format: "slack" }, { url: url("/discord"), format: "discord" }, {
        url: url("/json"),
      }],
    });
    const many = Array.from({ length: 100 }, () => hostileDrill().findings[0]);
    const object = "t\u001b[2J\u009b\u202e\u2066\u2028\u200b\ufeff";
    const spoilt = { ...hostileDrill(), findings: many };
    spoilt.findings[0] = { ...many[0], object, message: `${object} is gone.`, fix: object };
    assert.deepEqual(await notify(spoilt, targets), []);
    const bodyAt = (path: string) => JSON.parse(receiver.received.find((request) => request.path === path)!.body);
    for (const { body } of receiver.received) assert.doesNotMatch(body, /[^\P{Cc}\n\t]|\u202e|\u2028/u);
    assert.deepEqual(bodyAt("/json").verdict.findings[0], spoilt.findings[0]);
    const { text } = bodyAt("/slack");
    assert.match(text, /^:x: \*The backup of &lt;script&gt;/);
    assert.doesNotMatch(text, /</);
    assert.match(text, /and 95 more findings/);
    assert.ok(text.includes(`pgrehearse drill on ${Deno.hostname()}, `), text);
    const discord = bodyAt("/discord");
    assert.deepEqual(discord.allowed_mentions, { parse: [] });
    const [{ title, description }] = discord.embeds;
    assert.ok(title.length <= 256 && description.length <= 4_096);
    assert.doesNotMatch(title + description, /(?<!\\)[<`]/);
  }));

Deno.test("notify: a dead man's switch hears of start, success and any other end", () =>
  withReceiver(async (receiver, url) => {
    const targets = targetsOf({
      pings: [{ start_url: url("/p/start?a=b"), success_url: url("/p"), failure_url: url("/p/fail") }, {
        success_url: url("/other"),
        commands: ["backup"],
      }],
    });
    assert.deepEqual(await notifyStart("drill", targets), []);
    for (const verdict of [passedDrill(), failedDrill(), unknownDrill()]) {
      assert.deepEqual(await notify(verdict, targets), []);
    }
    const asked = receiver.received.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(asked, ["GET /p/start?a=b", "GET /p", "GET /p/fail", "GET /p/fail"]);
  }));

Deno.test("notify: tries three times where that may help, once where not, and never throws", () =>
  withReceiver(async (receiver, url) => {
    const targets = targetsOf({ webhooks: [{ url: url(`/${secret}`) }] });
    const send = async (...answers: (number | "hang")[]) => {
      receiver.received.length = 0;
      receiver.answer(...answers);
      const problems = await notify(failedDrill(), targets, { ...quickly, timeoutMs: 300 });
      return { problems, attempts: receiver.received.length };
    };
    const host = new URL(receiver.origin).host;
    assert.deepEqual(await send(503, 429), { problems: [], attempts: 3 });
    assert.deepEqual(await send("hang"), { problems: [], attempts: 2 });
    const failed = await send(500, 500, 500, 500);
    assert.equal(failed.attempts, 3);
    assert.deepEqual(failed.problems, [`The webhook at ${host} was not notified: it answered HTTP 500, 3 times.`]);
    assert.deepEqual(await send(404), {
      problems: [`The webhook at ${host} was not notified: it answered HTTP 404.`],
      attempts: 1,
    });
    const { problems: [redirected], attempts } = await send(302);
    assert.match(redirected, /redirects elsewhere \(HTTP 302\): name the final address/);
    assert.equal(attempts, 1);
    receiver.answer(307);
    const [pinged] = await notify(failedDrill(), targetsOf({ pings: [{ failure_url: url("/p") }] }), quickly);
    assert.match(pinged, /redirects elsewhere \(HTTP 307\)/);
    const slow = await send("hang", "hang", "hang");
    assert.deepEqual(slow.problems, [`The webhook at ${host} was not notified: no answer within 300 ms, 3 times.`]);
  }));

Deno.test("notify: an address without a listener becomes a sentence that shows nothing of its path", async () => {
  const url = `http://127.0.0.1:2/services/${secret}?token=alsosecret123`;
  const targets = targetsOf({ webhooks: [{ url }], pings: [{ failure_url: url }] });
  const problems = await notify(failedDrill(), targets, quickly);
  assert.equal(problems.length, 2);
  for (const problem of problems) {
    assert.match(
      problem,
      /^The (webhook|ping) at 127\.0\.0\.1:2 was not notified: .*Connection refused.*, 3 times\.$/i,
    );
    assert.doesNotMatch(problem, /secret|services/);
  }
  assert.doesNotMatch(redact(`POST ${url}: verysecretpath and alsosecret123`), /verysecret|alsosecret/);
});

Deno.test("notify: the configuration takes no unknown keys, no other schemes and no empty ping", () => {
  const isValid = (configured: unknown) => notifySchema.safeParse(configured).success;
  assert.equal(isValid({}), true);
  assert.equal(isValid({ webhooks: [{ url: "https://example.com/x", when: ["pass", "changed"] }] }), true);
  assert.equal(isValid({ webhooks: [{ url: "file:///etc/passwd" }] }), false);
  assert.equal(isValid({ webhooks: [{ url: "https://example.com", formatt: "json" }] }), false);
  assert.equal(isValid({ webhooks: [{ url: "https://example.com", headers: { "a b": "c" } }] }), false);
  assert.equal(isValid({ pings: [{}] }), false);
});
