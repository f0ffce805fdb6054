import assert from "node:assert/strict";
import { exportSpans } from "../../lib/report/otel/export_spans.ts";
import { startReceiver } from "../support/http_receiver.ts";
import { failedDrill, hostileDrill, passedDrill } from "../support/sample_verdicts.ts";

interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: { key: string; value: { stringValue?: string; intValue?: string } }[];
  status?: { code: number };
}

const attributesOf = (attributes: Span["attributes"] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));

Deno.test("spans: one for the run and below it one a phase, to the endpoint that OpenTelemetry's variables name", async () => {
  await using receiver = startReceiver();
  const verdict = failedDrill();
  const problem = await exportSpans(verdict, {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.origin}/otlp/`,
    OTEL_EXPORTER_OTLP_HEADERS: "api-key=a%20secret,x=y",
    OTEL_RESOURCE_ATTRIBUTES: "deployment.environment=prod,host.name=db1",
    OTEL_SERVICE_NAME: "restores",
    TRACEPARENT: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
  });
  assert.equal(problem, undefined);
  const [{ method, path, headers, body }] = receiver.received;
  assert.deepEqual([method, path], ["POST", "/otlp/v1/traces"]);
  assert.equal(headers.get("content-type"), "application/json");
  assert.equal(headers.get("api-key"), "a secret");
  const { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] } = JSON.parse(body);
  assert.deepEqual(attributesOf(resource.attributes), {
    "service.name": "restores",
    "service.version": "0.2.0",
    "deployment.environment": "prod",
    "host.name": "db1",
  });
  const [run, ...phases]: Span[] = spans;
  assert.deepEqual([run.name, run.parentSpanId], ["pgrehearse drill", "b7ad6b7169203331"]);
  assert.equal(run.status!.code, 2);
  const attributes = attributesOf(run.attributes);
  assert.equal(attributes["pgrehearse.verdict"], "fail");
  assert.equal(attributes["pgrehearse.findings"], "SQL_VALUE_WRONG,ROW_COUNT_DIFFERS,APP_NOT_STARTED");
  assert.deepEqual(phases.map(({ name }) => name), verdict.phases.map(({ name }) => name));
  for (const [index, span] of phases.entries()) {
    assert.equal(span.parentSpanId, run.spanId);
    assert.equal(span.traceId, "0af7651916cd43dd8448eb211c80319c");
    const { started_at, duration_ms } = verdict.phases[index];
    assert.equal(span.startTimeUnixNano, `${Date.parse(started_at!)}000000`);
    assert.equal(BigInt(span.endTimeUnixNano) - BigInt(span.startTimeUnixNano), BigInt(duration_ms) * 1_000_000n);
  }
  assert.equal(new Set([run, ...phases].map(({ spanId }) => spanId)).size, phases.length + 1);
});

Deno.test("spans: findings go by their codes only, and a pass is OK", async () => {
  await using receiver = startReceiver();
  const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.origin}/exactly/here` };
  await exportSpans({ ...hostileDrill(), backup: undefined, postgres: {}, phases: [] }, env);
  await exportSpans(passedDrill(), env);
  assert.deepEqual(receiver.received.map(({ path }) => path), ["/exactly/here", "/exactly/here"]);
  assert.doesNotMatch(receiver.received[0].body, /script/);
  assert.equal(JSON.parse(receiver.received[1].body).resourceSpans[0].scopeSpans[0].spans[0].status.code, 1);
});

Deno.test("spans: an endpoint that is not there, hangs or refuses is a sentence, soon, without the headers' secrets", async () => {
  await using receiver = startReceiver();
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20hushhush",
    OTEL_EXPORTER_OTLP_TIMEOUT: "200",
  };
  receiver.answer(401, "hang");
  assert.match(
    (await exportSpans(passedDrill(), env))!,
    /^Spans were not sent to the OTLP endpoint: it answered HTTP 401\.$/,
  );
  assert.match((await exportSpans(passedDrill(), env))!, /no answer within 200 ms/);
  const nowhere = await exportSpans(passedDrill(), { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:2" });
  assert.match(nowhere!, /refused/i);
  const noUrl = await exportSpans(passedDrill(), { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: "hush hush" });
  assert.match(noUrl!, /its address is no URL/);
  const badHeader = await exportSpans(passedDrill(), { ...env, OTEL_EXPORTER_OTLP_HEADERS: "x=Bearer%0Ahushhush" });
  assert.match(badHeader!, /^Spans were not sent/);
  assert.doesNotMatch(nowhere! + noUrl! + badHeader!, /Bearer|hushhush/);
});

Deno.test("spans: are not sent where OpenTelemetry is off, or over gRPC only", async () => {
  await using receiver = startReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.origin };
  assert.equal(await exportSpans(passedDrill(), { ...env, OTEL_SDK_DISABLED: "true" }), undefined);
  assert.equal(await exportSpans(passedDrill(), { ...env, OTEL_TRACES_EXPORTER: "none" }), undefined);
  assert.match(
    (await exportSpans(passedDrill(), { ...env, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }))!,
    /over HTTP.* is grpc/,
  );
  assert.deepEqual(receiver.received, []);
});
