import { z } from "zod";
import { comparisonText, writtenDuration } from "../../options/fields.ts";
import type { OptionsOf } from "../check.ts";

const statusNumber = z.number().int().min(100).max(599);

/** What a check of the kind `http` is told. */
export const httpShape = {
  url: z.url({ protocol: /^https?$/ }).optional().describe("The URL to request; or use path and app."),
  app: z.string().optional().describe("Which started application to ask; optional if there is only one."),
  path: z.string().startsWith("/").optional().describe("The path to request from the application. Default: /."),
  method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).default("GET").describe("How to ask."),
  headers: z.record(
    z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "is not a header's name"),
    z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, "is not a header's value"),
  ).default({}).describe("Headers to send. The verdict never shows their values."),
  body: z.unknown().optional().describe("The body to send: text unchanged, anything else as JSON."),
  status: z.union([statusNumber, z.array(statusNumber).min(1)]).default(200).describe(
    "The expected status, or several. Redirects are not followed: 302 is an answer too.",
  ),
  pointer: z.string().refine(isJsonPointer, "is not a JSON pointer such as /items/0/name").optional().describe(
    "JSON pointer (RFC 6901) to the value in the answer; it must exist.",
  ),
  equals: z.unknown().optional().describe("The expected JSON value; without pointer, of the whole answer."),
  expect: comparisonText.optional().describe(
    "The expected value there: = != < > <= >= with a value, or between A and B.",
  ),
  show: z.boolean().default(false).describe("Show the value in the verdict."),
  within: writtenDuration.optional().describe("Time limit for the answer."),
  retry_for: writtenDuration.default(0).describe(
    "How long to retry while the answer is wrong; shorter than timeout.",
  ),
  ca: z.string().min(1).optional().describe("A PEM file with additional certificates to trust."),
};

export type HttpOptions = OptionsOf<typeof httpShape>;

/** Whether text is a JSON pointer (RFC 6901): empty for the whole, else `/` before each step, with `~0` for ~ and `~1` for /. */
function isJsonPointer(text: string): boolean {
  return /^(\/([^~/]|~[01])*)*$/.test(text);
}

/** The value that a JSON pointer points at; `undefined` where there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const step of pointer.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
