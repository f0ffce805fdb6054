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
 * Text may be in single quotes, as in SQL; then it is compared as text, whatever it looks like.
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
  // What begins with another sign was meant otherwise: `== 0`, `<> 0`.
  const [, operator, operand] = /^\s*(=|!=|<=|>=|<|>)\s*([^\s=<>!](?:.*\S)?)\s*$/s.exec(text) ?? [];
  if (operator === undefined) return undefined;
  if (!isNumber(operand)) {
    if (operator !== "=" && operator !== "!=") return undefined;
    const wanted = /^'(?:[^']|'')*'$/.test(operand) ? operand.slice(1, -1).replaceAll("''", "'") : operand;
    return { text, holds: (value) => (value === wanted) === (operator === "=") };
  }
  return {
    text,
    holds: (value) =>
      isNumber(value) ? operators[operator](compareNumbers(value, operand)) : operator === "!=" && value !== operand,
  };
}

/** With an exponent too, as Postgres writes large and small floats; theirs has three digits at most. */
function isNumber(text: string): boolean {
  return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?$/i.test(text);
}

/** Decimal numbers of any size, exactly: a count of money or an int8 does not fit a float. */
function compareNumbers(a: string, b: string): number {
  const [left, right] = [a, b].map(asScaled);
  const scale = Math.max(left.scale, right.scale);
  const [x, y] = [left, right].map(({ digits, scale: own }) => digits * 10n ** BigInt(scale - own));
  return x < y ? -1 : x > y ? 1 : 0;
}

/** `digits` divided by ten to the power of `scale`. */
function asScaled(text: string): { digits: bigint; scale: number } {
  const [mantissa, exponent = "0"] = text.toLowerCase().split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const magnitude = BigInt(whole.replace(/^[+-]/, "") + fraction);
  return { digits: whole.startsWith("-") ? -magnitude : magnitude, scale: fraction.length - Number(exponent) };
}
