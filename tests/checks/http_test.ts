import assert from "node:assert/strict";
import { checkSystem } from "../support/checks.ts";

/** Lets go of the requests that stay unanswered. */
const waiting: (() => number)[] = [];

function answer(request: Request, count: number): Response | Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (pathname === "/status") return new Response(null, { status: Number(searchParams.get("is")) });
  if (pathname === "/moved") return new Response(null, { status: 302, headers: { location: "/status?is=200" } });
  if (pathname === "/json") return Response.json({ version: "1.4.2", proofs: [{ id: 7 }], "a/b": { "~": null }, n: 3 });
  if (pathname === "/text") return new Response("<html>hello</html>");
  if (pathname === "/slow") return new Promise((resolve) => setTimeout(() => resolve(new Response("late")), 600));
  if (pathname === "/later") return Response.json({ count }, { status: count < 4 ? 503 : 200 });
  if (pathname === "/then-nothing") {
    if (count === 1) return new Response(null, { status: 503 });
    return new Promise((resolve) =>
      waiting.push(() => {
        resolve(new Response());
        return 1;
      })
    );
  }
  if (pathname === "/large") return new Response("[" + "1,".repeat(9 * 1024 * 1024) + "1]");
  if (pathname === "/echo") {
    return request.text().then((body) =>
      Response.json({ method: request.method, body, headers: Object.fromEntries(request.headers) })
    );
  }
  return new Response(null, { status: 404 });
}

Deno.test("http check", async (t) => {
  const counts = new Map<string, number>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    counts.set(pathname, (counts.get(pathname) ?? 0) + 1);
    return answer(request, counts.get(pathname)!);
  });
  const base = `http://127.0.0.1:${server.addr.port}`;
  const apps = new Map([["api", base]]);
  const run = (options: object) => checkSystem([{ kind: "http", name: "endpoint", ...options }], { apps });
  const codesOf = async (options: object) => {
    const { verdict, findings } = await run(options);
    return [verdict, ...findings.map(({ code }) => code)];
  };

  await t.step("a status as expected passes, of an application or of a whole URL", async () => {
    assert.deepEqual(await codesOf({ path: "/json" }), ["pass"]);
    assert.deepEqual(await codesOf({ app: "api", path: "/status?is=204", status: [200, 204] }), ["pass"]);
    assert.deepEqual(await codesOf({ url: `${base}/status?is=401`, status: 401 }), ["pass"]);
    assert.deepEqual(await codesOf({ path: "/json", method: "HEAD" }), ["pass"]);
  });

  await t.step("another status fails; a redirect is not followed", async () => {
    assert.deepEqual(await codesOf({ path: "/status?is=500" }), ["fail", "HTTP_STATUS_WRONG"]);
    const { findings: [finding] } = await run({ path: "/moved" });
    assert.deepEqual([finding.code, finding.expected, finding.actual], ["HTTP_STATUS_WRONG", 200, 302]);
    assert.deepEqual(await codesOf({ path: "/moved", status: 302 }), ["pass"]);
  });

  await t.step("values in JSON", async () => {
    const at = (options: object) => codesOf({ path: "/json", ...options });
    const wrong = ["fail", "HTTP_VALUE_WRONG"];
    assert.deepEqual(await at({ pointer: "/version", equals: "1.4.2" }), ["pass"]);
    assert.deepEqual(await at({ pointer: "/version", equals: "1.4.3" }), wrong);
    assert.deepEqual(await at({ pointer: "/proofs", equals: [{ id: 7 }] }), ["pass"]);
    assert.deepEqual(await at({ pointer: "/proofs/0/id", expect: ">= 7" }), ["pass"]);
    assert.deepEqual(await at({ pointer: "/proofs/0/id", expect: "> 7" }), wrong);
    assert.deepEqual(await at({ pointer: "/n", equals: "3" }), wrong);
    assert.deepEqual(await at({ pointer: "/a~1b/~0", equals: null }), ["pass"]);
    assert.deepEqual(await at({ pointer: "/proofs/0" }), ["pass"]);
    assert.deepEqual(await at({ pointer: "/proofs/1" }), wrong);
    assert.deepEqual(await at({ pointer: "/proofs/length" }), wrong);
    assert.deepEqual(await at({ pointer: "/constructor" }), wrong);
    assert.deepEqual(await at({ equals: { n: 3 } }), wrong);
  });

  await t.step("a value is shown only when it may be", async () => {
    const options = { path: "/json", pointer: "/version", equals: "other" };
    assert.doesNotMatch(JSON.stringify(await run(options)), /1\.4\.2/);
    const { findings: [finding] } = await run({ ...options, show: true });
    assert.equal(finding.actual, "1.4.2");
    assert.match(finding.message, /gave "1\.4\.2" at \/version; expected "other"/);
  });

  await t.step("an answer that is not JSON, or too long, fails", async () => {
    assert.deepEqual(await codesOf({ path: "/text", pointer: "/a" }), ["fail", "HTTP_NOT_JSON"]);
    assert.deepEqual(await codesOf({ path: "/large", pointer: "/0" }), ["fail", "HTTP_TOO_LARGE"]);
  });

  await t.step("an answer that takes too long fails, whether it comes or not", async () => {
    assert.deepEqual(await codesOf({ path: "/slow", within: "100ms" }), ["fail", "HTTP_TOO_SLOW"]);
    assert.deepEqual(await codesOf({ path: "/slow", within: "25s" }), ["pass"]);
    assert.deepEqual(await codesOf({ path: "/slow", timeout: "300ms" }), ["fail", "HTTP_NO_ANSWER"]);
  });

  await t.step("it is asked again for a while", async () => {
    assert.deepEqual(await codesOf({ path: "/later" }), ["fail", "HTTP_STATUS_WRONG"]);
    assert.deepEqual(await codesOf({ path: "/later", retry_for: "10s", pointer: "/count", equals: 4 }), ["pass"]);
    assert.equal(counts.get("/later"), 4);
    assert.deepEqual(await codesOf({ path: "/status?is=500", retry_for: "600ms" }), ["fail", "HTTP_STATUS_WRONG"]);
    assert.ok(counts.get("/status")! >= 4);
  });

  await t.step("an answer that there is no more time for does not hide the one before it", async () => {
    const { findings: [finding] } = await run({ path: "/then-nothing", retry_for: "600ms", timeout: "1500ms" });
    assert.deepEqual([finding.code, finding.actual], ["HTTP_STATUS_WRONG", 503]);
    let released = 0;
    for (const release of waiting.splice(0)) released += release();
    assert.ok(released > 0);
  });

  await t.step("no server, an invalid name, and missing TLS are failures", async () => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    listener.close();
    for (const url of [`http://127.0.0.1:${port}/`, "http://nobody.invalid/", base.replace("http", "https")]) {
      assert.deepEqual(await codesOf({ url }), ["fail", "HTTP_NO_ANSWER"], url);
    }
  });

  await t.step("this machine's own ports are not asked through a proxy", async () => {
    Deno.env.set("http_proxy", "http://127.0.0.1:1");
    try {
      assert.deepEqual(await codesOf({ path: "/json" }), ["pass"]);
    } finally {
      Deno.env.delete("http_proxy");
    }
  });

  await t.step("servers are asked in origin form, through a proxy's variables or without", async () => {
    const lines: string[] = [];
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = (async () => {
      for await (const connection of listener) {
        const asked = new Uint8Array(1_000);
        const length = await connection.read(asked) ?? 0;
        lines.push(new TextDecoder().decode(asked.subarray(0, length)).split("\r\n")[0]);
        await connection.write(new TextEncoder().encode("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
        connection.close();
      }
    })();
    const url = `http://127.0.0.1:${listener.addr.port}/a%20b?c=d`;
    assert.deepEqual(await codesOf({ url, status: 204 }), ["pass"]);
    Deno.env.set("http_proxy", "http://127.0.0.1:1");
    try {
      assert.deepEqual(await codesOf({ url: url.replace("127.0.0.1", "localhost"), status: 204 }), ["pass"]);
      assert.equal(Deno.env.get("http_proxy"), "http://127.0.0.1:1");
    } finally {
      Deno.env.delete("http_proxy");
    }
    listener.close();
    await serving;
    assert.deepEqual(lines, ["GET /a%20b?c=d HTTP/1.1", "GET /a%20b?c=d HTTP/1.1"]);
  });

  await t.step("an application that was not started is not looked at", async () => {
    assert.deepEqual(await codesOf({ app: "web", path: "/" }), ["unknown", "CHECK_CANNOT_LOOK"]);
  });

  await t.step("what does not go together is refused", async () => {
    await assert.rejects(async () => await run({ url: base, path: "/" }), /url says what to ask/);
    await assert.rejects(async () => await run({ path: "/", equals: 1, expect: "= 1" }), /equals/);
    await assert.rejects(async () => await run({ path: "/", retry_for: "60s" }), /retry_for/);
  });

  await t.step("sends method, headers and body", async () => {
    const sent = { path: "/echo", method: "POST", headers: { "X-Tenant": "7" } };
    assert.deepEqual(await codesOf({ ...sent, pointer: "/headers/x-tenant", equals: "7" }), ["pass"]);
    assert.deepEqual(await codesOf({ ...sent, body: { a: 1 }, pointer: "/body", equals: '{"a":1}' }), ["pass"]);
    const type = "/headers/content-type";
    assert.deepEqual(await codesOf({ ...sent, body: [1], pointer: type, equals: "application/json" }), ["pass"]);
    assert.deepEqual(await codesOf({ ...sent, body: "plain", pointer: "/body", equals: "plain" }), ["pass"]);
  });

  await t.step("neither a header nor a query nor an account is in the verdict", async () => {
    const headers = { Authorization: "Bearer hunter2-token" };
    const url = `${base.replace("//", "//me:hunter2@")}/status?is=500&token=hunter2`;
    const verdicts = [
      await run({ url, headers }),
      await run({ url: "http://me:hunter2@nobody.invalid/?token=hunter2", headers }),
      await run({ path: "/json?token=hunter2", headers, pointer: "/gone" }),
    ];
    assert.deepEqual(verdicts.map(({ verdict }) => verdict), ["fail", "fail", "fail"]);
    assert.doesNotMatch(JSON.stringify(verdicts), /hunter2/);
  });
});
