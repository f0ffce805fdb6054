import { withoutControls } from "../printable.ts";
import type { Verdict } from "../../verdict/verdict.ts";
import { toolVersion } from "../../verdict/tool_version.ts";
import { databasesOf } from "../reported_run.ts";

/** Whose child the run's span is. */
export interface SpanParent {
  traceId: string;
  spanId: string;
}

type Attribute = { key: string; value: { stringValue: string } | { intValue: string } };

/**
 * A run as OpenTelemetry spans, in OTLP's JSON: one for the run, and below it one a phase.
 *
 * Attributes name what was run and how it ended; findings appear there by their codes only, as a message may hold more than
 * a tracing service should see.
 */
export function spansOf(verdict: Verdict, resource: Record<string, string>, parent?: SpanParent) {
  const traceId = parent?.traceId ?? randomHex(16);
  const spanId = randomHex(8);
  const isPass = verdict.verdict === "pass";
  const run = {
    traceId,
    spanId,
    ...(parent && { parentSpanId: parent.spanId }),
    name: `pgrehearse ${verdict.command}`,
    kind: 1, // internal
    ...times(verdict.started_at, verdict.duration_ms),
    attributes: attributesOf(verdict),
    status: isPass ? { code: 1 } : { code: 2, message: verdict.verdict },
  };
  let end = Date.parse(verdict.started_at);
  const phases = verdict.phases.map(({ name, started_at, duration_ms }) => {
    const start = started_at ?? new Date(end).toISOString();
    end = Date.parse(start) + duration_ms;
    return { traceId, spanId: randomHex(8), parentSpanId: spanId, name, kind: 1, ...times(start, duration_ms) };
  });
  return {
    resourceSpans: [{
      resource: { attributes: Object.entries(resource).map(([key, value]) => attribute(key, value)) },
      scopeSpans: [{ scope: { name: "pgrehearse", version: toolVersion.version }, spans: [run, ...phases] }],
    }],
  };
}

function attributesOf(verdict: Verdict): Attribute[] {
  const { command, proof, postgres, backup, findings, assertions } = verdict;
  const codes = [...new Set(findings.map(({ code }) => code))].slice(0, 20);
  const named: Record<string, string | number | undefined> = {
    "pgrehearse.command": command,
    "pgrehearse.verdict": verdict.verdict,
    "pgrehearse.proof": proof,
    "pgrehearse.target": postgres.target,
    "pgrehearse.databases": databasesOf(verdict).join(",") || undefined,
    "pgrehearse.backup": backup?.name,
    "pgrehearse.backup.size_bytes": backup?.size_bytes,
    "pgrehearse.findings": codes.join(",") || undefined,
    "pgrehearse.assertions": assertions.length,
    "pgrehearse.assertions.held": assertions.filter(({ ok }) => ok).length,
    "db.system.name": "postgresql",
    "pgrehearse.postgres.version": postgres.server,
  };
  return Object.entries(named).flatMap(([key, value]) => value === undefined ? [] : [attribute(key, value)]);
}

function attribute(key: string, value: string | number): Attribute {
  return {
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: withoutControls(value) },
  };
}

function times(start: string, durationMs: number) {
  const nanoseconds = (ms: number) => String(BigInt(Math.round(ms)) * 1_000_000n);
  const ms = Date.parse(start);
  return { startTimeUnixNano: nanoseconds(ms), endTimeUnixNano: nanoseconds(ms + durationMs) };
}

function randomHex(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
