import { z } from "zod";
import { parseComparison } from "./comparison.ts";
import { parseDurationMs } from "./parse_value.ts";
import { parseRequiredValues } from "./required_values.ts";

// How values are written in a configuration. Read as text, handed on as what they mean; the title is what documentation
// calls them.

/** A name for messages, on one line. */
export const lineText = z.string().min(1).regex(/^\P{Cc}*$/u, "must be one line, without control characters");

/** `500ms`, `60s`, `15m`, `4h`, `30d`; handed on in milliseconds. */
export const writtenDuration = z.string().transform((text, context) => {
  const ms = parseDurationMs(text);
  if (ms !== undefined) return ms;
  context.addIssue(`${JSON.stringify(text)} is not a duration such as 500ms, 60s, 15m, 4h or 30d`);
  return z.NEVER;
}).meta({ title: "duration" });

/** `= 0`, `>= 10`, `between 1 and 5`. */
export const comparisonText = z.string().transform((text, context) => {
  const comparison = parseComparison(text);
  if (comparison) return comparison;
  context.addIssue(`${JSON.stringify(text)} is not a comparison such as "= 0", ">= 10" or "between 1 and 5"`);
  return z.NEVER;
}).meta({ title: "comparison" });

export const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits").meta({
  title: "SHA-256 in hex",
});

/** `table:column=value,value`. */
export const requiredValuesText = z.string().transform((text, context) => {
  const required = parseRequiredValues(text);
  if (required) return required;
  context.addIssue(`${JSON.stringify(text)} is not of the form table:column=value,value`);
  return z.NEVER;
}).meta({ title: "table:column=value,…" });
