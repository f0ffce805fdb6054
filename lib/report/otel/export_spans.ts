import { registerSecret } from "../../system/redact.ts";
import { sendRequest } from "../../system/send_request.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { toolVersion } from "../../verdict/tool_version.ts";
import { type SpanParent, spansOf } from "./spans.ts";

/** A tracing service must not delay a run: this is for all attempts. */
const defaultTimeoutMs = 10_000;

type Environment = Record<string, string | undefined>;

/**
 * Sends a run's spans to where OpenTelemetry's own variables say, as OTLP over HTTP in JSON.
 *
 * Deno has OpenTelemetry built in, but only for programs that were started with `OTEL_DENO=true`, which a program cannot
 * set for itself; and it tells of every HTTP request with its whole address, where those of webhooks and presigned URLs
 * are secrets. So these are sent by hand, and nothing else has to be set.
 *
 * Obeys `OTEL_EXPORTER_OTLP_ENDPOINT`, `…_HEADERS`, `…_TIMEOUT`, `…_PROTOCOL`, each also as `OTEL_EXPORTER_OTLP_TRACES_…`,
 * `OTEL_SERVICE_NAME`, `OTEL_RESOURCE_ATTRIBUTES`, `OTEL_SDK_DISABLED`, `OTEL_TRACES_EXPORTER=none`, and `TRACEPARENT` for
 * the span that started this run.
 *
 * @returns What went wrong, in a sentence; it has no bearing on the verdict.
 */
export async function exportSpans(
  verdict: Verdict,
  env: Environment,
  { signal }: { signal?: AbortSignal } = {},
): Promise<string | undefined> {
  const endpoint = tracesEndpoint(env);
  if (endpoint === undefined) return undefined;
  try {
    for (const { value } of headersOf(env)) registerSecret(value);
    const protocol = setting("PROTOCOL", env) ?? "http/json";
    if (!protocol.startsWith("http/")) {
      return `Spans were not sent: pgrehearse supports only OTLP over HTTP, but OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}.`;
    }
    const headers = Object.fromEntries(headersOf(env).map(({ name, value }) => [name, value]));
    const resource = { "service.name": "pgrehearse", "service.version": toolVersion.version, ...resourceOf(env) };
    const timeoutMs = Number(setting("TIMEOUT", env) || defaultTimeoutMs);
    await sendRequest(endpoint, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify(spansOf(verdict, resource, parentOf(env))),
    }, {
      timeoutMs: timeoutMs > 0 ? Math.min(timeoutMs, 60_000) : defaultTimeoutMs,
      retryDelaysMs: [],
      signal,
      graceMs: 1_000,
    });
    return undefined;
  } catch (error) {
    return `Spans were not sent to the OTLP endpoint: ${(error as Error).message}.`;
  }
}

/** Of the two names that a setting has, the one for traces counts more. */
function setting(name: string, env: Environment): string | undefined {
  return env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`];
}

function tracesEndpoint(env: Environment): string | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true" || env.OTEL_TRACES_EXPORTER === "none") return undefined;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (base ? `${base.replace(/\/+$/, "")}/v1/traces` : undefined);
}

/** `name=value,name=value`, percent-encoded. */
function pairs(text: string): { name: string; value: string }[] {
  return text.split(",").flatMap((pair) => {
    const at = pair.indexOf("=");
    return at < 1 ? [] : [{ name: pair.slice(0, at).trim(), value: decode(pair.slice(at + 1).trim()) }];
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function headersOf(env: Environment) {
  return pairs(setting("HEADERS", env) ?? "");
}

function resourceOf(env: Environment): Record<string, string> {
  return {
    ...Object.fromEntries(pairs(env.OTEL_RESOURCE_ATTRIBUTES ?? "").map(({ name, value }) => [name, value])),
    ...(env.OTEL_SERVICE_NAME && { "service.name": env.OTEL_SERVICE_NAME }),
  };
}

function parentOf({ TRACEPARENT = "" }: Environment): SpanParent | undefined {
  const [, traceId, spanId] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(TRACEPARENT) ?? [];
  return traceId === undefined || /^0+$/.test(traceId) || /^0+$/.test(spanId) ? undefined : { traceId, spanId };
}
