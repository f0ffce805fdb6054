import { z } from "zod";
import { type HttpAnswer, NoAnswerError, requestOnce } from "../../system/http_request.ts";
import { OperatorError } from "../../system/operator_error.ts";
import { comparisonText, durationText } from "../../values/fields.ts";
import { isJsonPointer } from "../../values/json_pointer.ts";
import { type CheckContext, type CheckResult, defineCheck, type OptionsOf } from "../check.ts";
import { judgeAnswer, judgeSilence } from "./http_judgement.ts";

const statusNumber = z.number().int().min(100).max(599);

const shape = {
  url: z.url({ protocol: /^https?$/ }).optional().describe("What to ask, whole; or say path, and app."),
  app: z.string().optional().describe("Which started application to ask; may be left out where there is only one."),
  path: z.string().startsWith("/").optional().describe("What to ask of the application. / where nothing is said."),
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).default("GET").describe("How to ask."),
  headers: z.record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is not a header's name"),
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, "is not a header's value"),
  ).default({}).describe("Headers to send. Their values never stand in a verdict."),
  body: z.unknown().optional().describe("What to send: text as it is, anything else as JSON."),
  status: z.union([statusNumber, z.array(statusNumber).min(1)]).default(200).describe(
    "The status that it must answer with, or several. Redirects are not followed: 302 is an answer too.",
  ),
  pointer: z.string().refine(isJsonPointer, "is not a JSON pointer such as /items/0/name").optional().describe(
    "Where to look in the JSON that it answers (RFC 6901); there must be something.",
  ),
  equals: z.unknown().optional().describe("The JSON value that must stand there; without pointer, the whole answer."),
  expect: comparisonText.optional().describe(
    "What the value there must be: = != < > <= >= with a value, or between A and B.",
  ),
  show: z.boolean().default(false).describe("Let the value that stands there appear in the verdict."),
  within: durationText.optional().describe("How long the answer may take."),
  retry_for: durationText.default(0).describe("How long to ask again while something is wrong; shorter than timeout."),
  ca: z.string().min(1).optional().describe("A file with certificates to trust besides the usual ones, as PEM."),
};

export type HttpOptions = OptionsOf<typeof shape>;

/** Of what is looked into. */
const bodyLimit = 16 * 1024 * 1024;

/** How long one of several attempts may take where the check does not say. */
const attemptMs = 30_000;
const pauseMs = 250;

/**
 * What keeps the endpoint from answering is a failure, and no reason why it could not be looked at: a port where nobody
 * listens, a name that does not resolve, a certificate that does not hold. So would its users find it.
 */
export const httpCheck = defineCheck({
  kind: "http",
  summary: "A URL answers with the status, within the time and with the JSON value that are expected.",
  shape,
  contradiction({ url, app, path, equals, expect, retry_for, timeout }) {
    if (url !== undefined && app !== undefined) return "url says what to ask, and so does app";
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
    for (;;) {
      const result = await attempt(options, url, { caCerts, end, signal: context.signal });
      if (result.assertions.every(({ ok }) => ok) || performance.now() + pauseMs > lastStart) return result;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      context.signal.throwIfAborted();
    }
  },
});

async function attempt(
  options: HttpOptions,
  url: URL,
  { caCerts, end, signal }: { caCerts?: string[]; end: number; signal: AbortSignal },
): Promise<CheckResult> {
  const { method, body, within, retry_for } = options;
  const isText = typeof body === "string";
  const timeoutMs = Math.ceil(Math.max(
    1,
    Math.min(within ?? Infinity, retry_for > 0 && within === undefined ? attemptMs : Infinity, end - performance.now()),
  ));
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
    return judgeSilence(options, url, { reason: error.message, durationMs: Math.round(performance.now() - start) });
  }
  return judgeAnswer(options, url, answer);
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
    return await Deno.readTextFile(path);
  } catch (cause) {
    throw new OperatorError("CANNOT_READ_FILE", `Cannot read the certificates in ${path}.`, {
      fix: "Name a file in PEM form that this user may read.",
      cause,
    });
  }
}
