/** What a value is held against, as people write it: `= 0`, `>= 10`, `between 1 and 5`. */
export interface Comparison {
  /** As it was written. */
  text: string;
  /** `value` is text as Postgres gives it: numbers are compared as numbers, exactly, anything else as text. */
  holds(value: string): boolean;
}

const operators: Record<string, (order: number) => boolean> = {
  "=": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  ">": (order) => order > 0,
  "<=": (order) => order <= 0,
  ">=": (order) => order >= 0,
};

/**
 * Reads a comparison.
 *
 * @returns `undefined` if it is none. `<`, `>` and `between` need numbers.
 */
export function parseComparison(text: string): Comparison | undefined {
  const [, low, high] = /^\s*between\s+(\S+)\s+and\s+(\S+)\s*$/i.exec(text) ?? [];
  if (low !== undefined) {
    if (!isNumber(low) || !isNumber(high) || compareNumbers(low, high) > 0) return undefined;
    const holds = (value: string) =>
      isNumber(value) && compareNumbers(value, low) >= 0 && compareNumbers(value, high) <= 0;
    return { text, holds };
  }
  const [, operator, operand] = /^\s*(=|!=|<=|>=|<|>)\s*(\S(?:.*\S)?)\s*$/s.exec(text) ?? [];
  if (operator === undefined) return undefined;
  if (!isNumber(operand)) {
    if (operator !== "=" && operator !== "!=") return undefined;
    return { text, holds: (value) => (value === operand) === (operator === "=") };
  }
  return {
    text,
    holds: (value) =>
      isNumber(value) ? operators[operator](compareNumbers(value, operand)) : operator === "!=" && value !== operand,
  };
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(text);
}

/** Decimal numbers of any size, exactly: a count of money or an int8 does not fit a float. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split("."));
  const digits = Math.max(left[1]?.length ?? 0, right[1]?.length ?? 0);
  const [x, y] = [left, right].map(([whole, fraction = ""]) => scaled(whole, fraction, digits));
  return x < y ? -1 : x > y ? 1 : 0;
}

function scaled(whole: string, fraction: string, digits: number): bigint {
  const magnitude = BigInt(whole.replace(/^[+-]/, "") + fraction.padEnd(digits, "0"));
  return whole.startsWith("-") ? -magnitude : magnitude;
}
