import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { Declaration, ValueType } from "../options/declaration.ts";
import { parseRequiredValues, type RequiredValues } from "../options/required_values.ts";
import { collect, durationMs, wholeNumber } from "./option_values.ts";

interface Coerced extends Record<ValueType, unknown> {
  text: undefined;
  texts: string[];
  duration: number;
  number: number;
  switch: undefined;
  choice: undefined;
  http_url: string;
  tags: string[];
  required_values: RequiredValues[];
}

type DeclaredOption<D extends Declaration> = Option<
  D["flag"],
  undefined,
  D extends { default: infer Default } ? Default : undefined,
  Coerced[D["type"]],
  false,
  D extends { choices: readonly (infer Choice)[] } ? Choice : undefined
>;

/**
 * Makes commander's option of a declared one. Made anew for each command: commander keeps state in them.
 *
 * @param help What to say instead, where the option means something more exact.
 */
export function declaredOption<const D extends Declaration>(declared: D, help = declared.help): DeclaredOption<D> {
  const option = new Option<string, undefined, unknown, unknown, false, unknown>(declared.flag, help);
  if (declared.default !== undefined) option.default(declared.default, declared.defaultText);
  if (declared.choices) option.choices(declared.choices);
  if (declared.env) option.env(declared.env);
  const parse = parserOf(declared);
  if (parse) option.argParser(parse);
  return option as unknown as DeclaredOption<D>;
}

function parserOf({ type, least = 0, most = Number.MAX_SAFE_INTEGER }: Declaration) {
  const parsers: Partial<Record<ValueType, (text: string, gathered: unknown) => unknown>> = {
    texts: (text, gathered) => collect(text, gathered as string[] | undefined),
    duration: durationMs,
    number: (text) => wholeNumber(text, least, most),
    http_url: httpUrl,
    tags: (text, gathered) => collect(tag(text), gathered as string[] | undefined),
    required_values: (text, gathered) => [...(gathered as RequiredValues[] | undefined) ?? [], requiredValues(text)],
  };
  return parsers[type];
}

function httpUrl(text: string): string {
  if (/^https?:\/\/[^/@?#]+/i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be a URL such as https://s3.example.com, without user or password.");
}

function tag(text: string): string {
  if (/^[^=]+=/.test(text)) return text;
  throw new InvalidArgumentError("It must be name=value.");
}

function requiredValues(text: string): RequiredValues {
  const required = parseRequiredValues(text);
  if (required) return required;
  throw new InvalidArgumentError("It must be table:column=value or table:column=value,value.");
}
