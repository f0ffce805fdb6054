import { pause } from "../../system/timer.ts";
import { type HttpAnswer, NoAnswerError, requestOnce } from "../../system/http_request.ts";
import { type CheckContext, type CheckResult, defineCheck } from "../check.ts";
import { cannotReadFile } from "./findings.ts";
import { type HttpOptions, httpShape } from "./http_options.ts";
import { judgeAnswer, judgeSilence } from "./http_judgement.ts";
import { readRegularText } from "../../system/regular_file.ts";

/** Of what is looked into. */
const bodyLimit = 16 * 1024 * 1024;

/** How long one of several attempts may take where the check does not say. */
const attemptMs = 30_000;
const pauseMs = 250;

/**
 * What keeps the endpoint from answering is a failure, and the check was able to look: a port where no program
 * listens, a name that does not resolve, a certificate that does not hold. So would its users find it.
 */
export const httpCheck = defineCheck({
  kind: "http",
  summary: "A URL answers with the expected status and JSON value, within the time limit.",
  shape: httpShape,
  contradiction({ url, app, path, equals, expect, retry_for, timeout }) {
    if (url !== undefined && app !== undefined) return "url and app cannot be combined";
    if (url !== undefined && path !== undefined) return "url says what to ask, and so does path";
    if (equals !== undefined && expect !== undefined) return "equals says what the value must be, and so does expect";
    if (retry_for >= timeout) return "retry_for must be shorter than timeout";
    return undefined;
  },
  async run(options, context) {
    const url = urlOf(options, context);
    const caCerts = options.ca === undefined ? undefined : [await readCertificates(options.ca)];
    const start = performance.now();
    // The rest of the check's time is for saying what was wrong.
    const end = start + 0.95 * options.timeout;
    const lastStart = Math.min(start + options.retry_for, end - pauseMs);
    let lastWhole: CheckResult | undefined;
    for (;;) {
      const { result, wasCutShort } = await attempt(options, url, { caCerts, end, signal: context.signal });
      // An answer that there was no time to wait for says less than the one before it.
      if (!wasCutShort) lastWhole = result;
      const isOver = result.assertions.every(({ ok }) => ok) || performance.now() + pauseMs > lastStart;
      if (isOver) return lastWhole ?? result;
      await pause(pauseMs, context.signal);
      context.signal.throwIfAborted();
    }
  },
});

async function attempt(
  options: HttpOptions,
  url: URL,
  { caCerts, end, signal }: { caCerts?: string[]; end: number; signal: AbortSignal },
): Promise<{ result: CheckResult; wasCutShort: boolean }> {
  const { method, body, within, retry_for } = options;
  const isText = typeof body === "string";
  const wantedMs = within ?? (retry_for > 0 ? attemptMs : Infinity);
  const left = end - performance.now();
  const timeoutMs = Math.ceil(Math.max(1, Math.min(wantedMs, left)));
  const start = performance.now();
  let answer: HttpAnswer;
  try {
    answer = await requestOnce(url, {
      method,
      headers: { ...body !== undefined && !isText && { "content-type": "application/json" }, ...options.headers },
      ...body !== undefined && { body: isText ? body : JSON.stringify(body) },
      timeoutMs,
      signal,
      caCerts,
      ...looksInside(options) && { bodyLimit },
    });
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    const durationMs = Math.round(performance.now() - start);
    const result = judgeSilence(options, url, { reason: error.message, durationMs });
    return { result, wasCutShort: error.isTimeout && left < wantedMs };
  }
  return { result: judgeAnswer(options, url, answer), wasCutShort: false };
}

/** Whether the answer's body matters. */
function looksInside({ pointer, equals, expect }: HttpOptions): boolean {
  return pointer !== undefined || equals !== undefined || expect !== undefined;
}

function urlOf({ url, app, path }: HttpOptions, context: CheckContext): URL {
  return new URL(url ?? context.urlOf(app) + (path ?? "/"));
}

async function readCertificates(path: string): Promise<string> {
  try {
    return await readRegularText(path);
  } catch (cause) {
    throw cannotReadFile.error({ path }, { cause });
  }
}
