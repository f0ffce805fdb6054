import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** Values of a column that must be seen. */
export interface RequiredValues {
  /** `table:column` */
  target: string;
  values: string[];
}

export const requireValuesOption = () =>
  new Option(
    "--require-values <table:column=v,…>",
    "no backup unless this role sees rows with each of these values; may be repeated",
  ).argParser((text, gathered: RequiredValues[] = []) => [...gathered, parseRequiredValues(text)]);

function parseRequiredValues(text: string): RequiredValues {
  // The first equals sign outside double quotes.
  const [, target, list] = /^((?:[^"=]|"[^"]*")+)=(.+)$/s.exec(text) ?? [];
  const values = list?.split(",") ?? [];
  if (target?.includes(":") && values.length > 0 && !values.includes("")) return { target, values };
  throw new InvalidArgumentError("It must be table:column=value or table:column=value,value.");
}

/** What to count, each column once, with the values that must be seen there. */
export function withRequiredValues(
  distribution: string[],
  required: RequiredValues[],
): { target: string; requiredValues: string[] }[] {
  const targets = new Set([...distribution, ...required.map(({ target }) => target)]);
  return [...targets].map((target) => ({
    target,
    requiredValues: required.flatMap((wanted) => wanted.target === target ? wanted.values : []),
  }));
}
