/** Values of a column that must be seen. */
export interface RequiredValues {
  /** `table:column` */
  target: string;
  values: string[];
}

/** Reads `table:column=value,value`; `undefined` if it is not that. */
export function parseRequiredValues(text: string): RequiredValues | undefined {
  // The first equals sign outside double quotes.
  const [, target, list] = /^((?:[^"=]|"[^"]*")+)=(.+)$/s.exec(text) ?? [];
  const values = list?.split(",") ?? [];
  return target?.includes(":") && values.length > 0 && !values.includes("") ? { target, values } : undefined;
}

/** What to count, each column once, with the values that must be seen there. */
export function withRequiredValues(
  distribution: readonly string[],
  required: readonly RequiredValues[],
): { target: string; requiredValues: string[] }[] {
  const targets = new Set([...distribution, ...required.map(({ target }) => target)]);
  return [...targets].map((target) => ({
    target,
    requiredValues: required.flatMap((wanted) => wanted.target === target ? wanted.values : []),
  }));
}
