import { z } from "zod";
import { comparisonText, writtenDuration } from "../../options/fields.ts";
import type { OptionsOf } from "../check.ts";

const statusNumber = z.number().int().min(100).max(599);

/** What a check of the kind `http` is told. */
export const httpShape = {
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
  within: writtenDuration.optional().describe("How long the answer may take."),
  retry_for: writtenDuration.default(0).describe(
    "How long to ask again while something is wrong; shorter than timeout.",
  ),
  ca: z.string().min(1).optional().describe("A file with certificates to trust besides the usual ones, as PEM."),
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
