import { type Declaration, isNegative, type ValueType, type ValueTypes, variableOf } from "./declaration.ts";
import { parseRequiredValues, type RequiredValues } from "./required_values.ts";
import type { Shard } from "./shard.ts";

/** Why a text is not a value of an option, in a sentence. */
export class BadValue extends Error {}

type Parsers = { [Type in ValueType]: (text: string, option: Declaration) => ValueTypes[Type] };

/** Of what may be repeated, each text gives a list of one. */
const parsers: Parsers = {
  text: inForm,
  texts: (text, option) => [inForm(text, option)],
  optional_text: (text) => text,
  duration: durationMs,
  size: sizeBytes,
  number: wholeNumber,
  switch: isOn,
  choice: oneOf,
  http_url: httpUrl,
  tags: tag,
  required_values: (text) => [requiredValues(text)],
  moment,
  shard,
  sha256,
};

/** Whether an option may be given several times. */
export function isRepeatable({ type }: Pick<Declaration, "type">): boolean {
  return type === "texts" || type === "tags" || type === "required_values";
}

/**
 * Reads a value as people type it.
 *
 * @param texts Where the option may not be repeated, the last one counts.
 * @throws {BadValue}
 */
export function parseValue(option: Declaration, texts: readonly string[]): ValueTypes[ValueType] {
  const parse = parsers[option.type] as (text: string, option: Declaration) => ValueTypes[ValueType];
  const values = texts.map((text) => parse(text, option));
  if (option.type === "tags") return Object.assign({}, ...values);
  return isRepeatable(option) ? values.flat() as string[] : values.at(-1)!;
}

/**
 * Reads an option's variable. One that is empty says nothing.
 *
 * @throws {BadValue} Naming the variable.
 */
export function readVariable(option: Declaration, env: Record<string, string | undefined>) {
  const name = variableOf(option);
  const text = name === undefined ? undefined : env[name];
  if (!text) return undefined;
  try {
    const value = parseValue(option, isRepeatable(option) ? text.split(",") : [text]);
    return isNegative(option) ? !value : value;
  } catch (error) {
    if (error instanceof BadValue) throw new BadValue(`${name}=${text}: ${lowerFirst(error.message)}`);
    throw error;
  }
}

function lowerFirst(sentence: string): string {
  return sentence[0].toLowerCase() + sentence.slice(1);
}

function inForm(text: string, { form }: Declaration): string {
  if (!form || form.pattern.test(text)) return text;
  throw new BadValue(form.says);
}

function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new BadValue("It must be a duration such as 500ms, 60s or 15m.");
  return ms;
}

function sizeBytes(text: string): number {
  const bytes = parseSizeBytes(text);
  if (bytes === undefined) throw new BadValue("It must be a size such as 500GB or 64GiB.");
  return bytes;
}

function wholeNumber(text: string, { least = 0, most = Number.MAX_SAFE_INTEGER }: Declaration): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (count >= least && count <= most) return count;
  throw new BadValue(`It must be a whole number from ${least} to ${most}.`);
}

/** In the environment; a flag has no value. */
function isOn(text: string): boolean {
  if (/^(true|1)$/i.test(text)) return true;
  if (/^(false|0)$/i.test(text)) return false;
  throw new BadValue("It must be true or false.");
}

function oneOf(text: string, { choices = [] }: Declaration): string {
  if (choices.includes(text)) return text;
  throw new BadValue(`Allowed choices are ${choices.join(", ")}.`);
}

function httpUrl(text: string): string {
  if (/^https?:\/\/[^/@?#]+/i.test(text) && URL.canParse(text)) return text;
  throw new BadValue("It must be a URL such as https://s3.example.com, without user or password.");
}

/** @throws {BadValue} */
function tag(text: string): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined) return { [name]: value };
  throw new BadValue("It must be name=value.");
}

function requiredValues(text: string): RequiredValues {
  const required = parseRequiredValues(text);
  if (required) return required;
  throw new BadValue("It must be table:column=value or table:column=value,value.");
}

function moment(text: string): Date {
  // Postgres prints 2026-01-02 03:04:05+00.
  const written = text.replace(/^(\S+) /, "$1T").replace(/(:[\d.]+[+-]\d\d)$/, "$1:00");
  const at = new Date(written);
  const isUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(written);
  if (isUtc && !Number.isNaN(at.getTime())) return at;
  throw new BadValue("It must be a time with its zone, such as 2026-01-02T03:04:05Z.");
}

function shard(text: string): Shard {
  const [index, count] = (/^(\d{1,6})\/(\d{1,6})$/.exec(text) ?? []).slice(1).map(Number);
  if (index < count) return { index, count };
  throw new BadValue("It must be INDEX/COUNT, counted from 0: 0/4, 1/4, 2/4 and 3/4.");
}

function sha256(text: string): string {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  throw new BadValue("It must be a SHA-256: 64 hex digits.");
}

const unitsBytes: Record<string, number> = {
  ...{ B: 1, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/**
 * Reads a size as people write it: `500MB`, `1.5TB`, `64GiB`.
 *
 * @returns Bytes, or `undefined` if it is not a size.
 */
function parseSizeBytes(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([A-Za-z]+)$/.exec(text) ?? [];
  return number === undefined || !Object.hasOwn(unitsBytes, unit)
    ? undefined
    : Math.round(Number(number) * unitsBytes[unit]);
}

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a duration as people write it: `500ms`, `60s`, `15m`, `4h`, `8d`, or a bare `0`.
 *
 * @returns Milliseconds, or `undefined` if it is not a duration.
 */
export function parseDurationMs(text: string): number | undefined {
  if (text === "0") return 0;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  return number === undefined ? undefined : Math.round(Number(number) * unitsMs[unit]);
}
