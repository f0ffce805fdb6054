import { isDeepStrictEqual } from "node:util";
import type { HttpAnswer } from "../../system/http_request.ts";
import { redact } from "../../system/redact.ts";
import { valueAt } from "../../values/json_pointer.ts";
import type { Finding } from "../../verdict/verdict.ts";
import type { CheckResult } from "../check.ts";
import type { HttpOptions } from "./http_options.ts";

type HttpAssertion = CheckResult["assertions"][number];

/** What it means that nobody answered, or not in time. */
export function judgeSilence(
  options: HttpOptions,
  url: URL,
  { reason, durationMs }: { reason: string; durationMs: number },
): CheckResult {
  const { name, status, within } = options;
  if (within !== undefined && durationMs >= within) {
    const { assertion, finding } = tooSlow(options, url, durationMs);
    return { assertions: [assertion], findings: [finding] };
  }
  return {
    assertions: [{ name: "status", ok: false, expected: status, actual: null }],
    findings: [{
      code: "HTTP_NO_ANSWER",
      message: `${name}: ${asked(options, url)} does not answer: ${redact(reason)}.`,
      fix: "See whether it runs, listens there, and can be reached from here; retry_for gives it time.",
      expected: status,
    }],
  };
}

/** Holds an answer against what is expected of it. */
export function judgeAnswer(options: HttpOptions, url: URL, answer: HttpAnswer): CheckResult {
  const { name, status, within } = options;
  const assertions: HttpAssertion[] = [];
  const findings: Finding[] = [];
  const wanted = [status].flat();
  const hasStatus = wanted.includes(answer.status);
  assertions.push({ name: "status", ok: hasStatus, expected: status, actual: answer.status });
  if (!hasStatus) {
    findings.push({
      code: "HTTP_STATUS_WRONG",
      message: `${name}: ${asked(options, url)} answers with status ${answer.status}, and ${
        wanted.join(" or ")
      } is expected.`,
      fix: "See the application's log for why.",
      expected: status,
      actual: answer.status,
    });
  }
  if (within !== undefined) {
    const isInTime = answer.durationMs <= within;
    const { assertion, finding } = tooSlow(options, url, answer.durationMs);
    assertions.push({ ...assertion, ok: isInTime });
    if (!isInTime) findings.push(finding);
  }
  // Of another answer than the expected one, the value says nothing more.
  if (hasStatus) {
    const inside = judgeValue(options, url, answer);
    if (inside) assertions.push(inside.assertion);
    if (inside?.finding) findings.push(inside.finding);
  }
  return { assertions, findings };
}

function judgeValue(
  options: HttpOptions,
  url: URL,
  { body }: HttpAnswer,
): { assertion: HttpAssertion; finding?: Finding } | undefined {
  const { name, pointer, equals, expect, show } = options;
  if (pointer === undefined && equals === undefined && expect === undefined) return undefined;
  const expected = equals !== undefined ? equals : expect?.text ?? "anything";
  const failure = (code: string, what: string, actual: unknown, fix: string) => ({
    assertion: { name: "value", ok: false, expected, actual },
    finding: { code, message: `${name}: ${asked(options, url)} ${what}.`, fix, expected, actual },
  });
  if (body === undefined) {
    return failure("HTTP_TOO_LARGE", "answers with more than 16 MiB", "too large", "Ask for something smaller.");
  }
  const document = parseJson(body);
  if (document === undefined) {
    return failure("HTTP_NOT_JSON", "does not answer with JSON", "not JSON", "See what it answers with instead.");
  }
  const where = pointer ? ` at ${pointer}` : "";
  const value = valueAt(document.value, pointer ?? "");
  if (value === undefined) {
    const fix = "See what it answers with instead, and whether the pointer is right.";
    return failure("HTTP_VALUE_WRONG", `has nothing${where}`, "nothing", fix);
  }
  const ok = equals !== undefined ? isDeepStrictEqual(value, equals) : expect?.holds(asText(value)) ?? true;
  const shown = show
    ? JSON.parse(redact(JSON.stringify(value), { mayShowRows: true }))
    : ok
    ? "as expected"
    : "not shown";
  if (ok) return { assertion: { name: "value", ok, expected, actual: shown } };
  return failure(
    "HTTP_VALUE_WRONG",
    show
      ? `gives ${JSON.stringify(shown)}${where}, and ${valueText(options)} is expected`
      : `gives another value${where} than the expected ${valueText(options)}`,
    shown,
    show ? "See why the restored system answers otherwise." : "See why; show: true lets the value stand here.",
  );
}

function valueText({ equals, expect }: HttpOptions): string {
  return equals === undefined ? expect!.text : JSON.stringify(equals);
}

/** `undefined` if it is none. */
function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function tooSlow(options: HttpOptions, url: URL, durationMs: number) {
  const expected = `<= ${options.within} ms`;
  return {
    assertion: { name: "time", ok: false, expected, actual: durationMs },
    finding: {
      code: "HTTP_TOO_SLOW",
      message: `${options.name}: ${asked(options, url)} took ${durationMs} ms, and ${options.within} ms are allowed.`,
      fix: "See what it waits for; a restored database may lack statistics (ANALYZE) or an index.",
      expected,
      actual: durationMs,
    },
  };
}

/** For people; a query or an account in the URL may be secret. */
function asked({ method }: HttpOptions, { origin, pathname }: URL): string {
  return redact(`${method} ${origin}${pathname}`);
}
