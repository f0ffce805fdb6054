import { isDeepStrictEqual } from "node:util";
import type { HttpAnswer } from "../../system/http_request.ts";
import { redact } from "../../system/redact.ts";
import { type CheckResult, expect, together } from "../check.ts";
import { httpNoAnswer, httpNotJson, httpStatusWrong, httpTooLarge, httpTooSlow, httpValueWrong } from "./findings.ts";
import { type HttpOptions, valueAt } from "./http_options.ts";

/** What it means that nothing answered, or not in time. */
export function judgeSilence(
  options: HttpOptions,
  url: URL,
  { reason, durationMs }: { reason: string; durationMs: number },
): CheckResult {
  const { status, within } = options;
  if (within !== undefined && durationMs >= within) return judgeTime({ ...options, within }, url, durationMs, false);
  const finding = httpNoAnswer({ ...asked(options, url), reason: redact(reason) });
  return expect("status", { ok: false, expected: status, actual: null }, finding);
}

/** Holds an answer against what is expected of it. */
export function judgeAnswer(options: HttpOptions, url: URL, answer: HttpAnswer): CheckResult {
  const { status, within } = options;
  const wanted = [status].flat();
  const hasStatus = wanted.includes(answer.status);
  return together(
    expect(
      "status",
      { ok: hasStatus, expected: status, actual: answer.status },
      httpStatusWrong({ ...asked(options, url), status: answer.status, wanted }),
    ),
    within === undefined
      ? none
      : judgeTime({ ...options, within }, url, answer.durationMs, answer.durationMs <= within),
    // In an answer that is not the expected one, the value says nothing more.
    hasStatus ? judgeValue(options, url, answer) : none,
  );
}

const none: CheckResult = { assertions: [] };

function judgeValue(options: HttpOptions, url: URL, { body }: HttpAnswer): CheckResult {
  const { pointer, equals, expect: wanted, show } = options;
  if (pointer === undefined && equals === undefined && wanted === undefined) return none;
  const place = { ...asked(options, url), pointer };
  const expected = equals !== undefined ? equals : wanted?.text ?? "anything";
  const isNot = (actual: unknown) => ({ ok: false, expected, actual });
  if (body === undefined) return expect("value", isNot("too large"), httpTooLarge(place));
  const document = parseJson(body);
  if (document === undefined) return expect("value", isNot("not JSON"), httpNotJson(place));
  const value = valueAt(document.value, pointer ?? "");
  if (value === undefined) return expect("value", isNot("nothing"), httpValueWrong.missing(place));
  const ok = equals !== undefined ? isDeepStrictEqual(value, equals) : wanted?.holds(asText(value)) ?? true;
  const text = valueText(options);
  if (!show) {
    const actual = ok ? "as expected" : "not shown";
    return expect("value", { ok, expected, actual }, httpValueWrong.hidden({ ...place, wanted: text }));
  }
  const shown = JSON.parse(redact(JSON.stringify(value), { mayShowRows: true }));
  const finding = httpValueWrong.shown({ ...place, value: shown, wanted: text });
  return expect("value", { ok, expected, actual: shown }, finding);
}

function valueText({ equals, expect }: HttpOptions): string {
  return equals === undefined ? expect?.text ?? "anything" : JSON.stringify(equals);
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

function judgeTime(
  options: HttpOptions & { within: number },
  url: URL,
  durationMs: number,
  ok: boolean,
): CheckResult {
  const { within: limitMs } = options;
  const finding = httpTooSlow({ ...asked(options, url), durationMs, limitMs });
  return expect("time", { ok, expected: `<= ${limitMs} ms`, actual: durationMs }, finding);
}

/** For people; a query or an account in the URL may be secret. */
function asked({ name, method }: HttpOptions, { origin, pathname }: URL): { check: string; asked: string } {
  return { check: name, asked: redact(`${method} ${origin}${pathname}`) };
}
