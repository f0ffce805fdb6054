/**
 * As long as a timer can be: JavaScript's goes off at once, and PostgreSQL refuses the setting, where more than 24 days are
 * asked for.
 */
export function timerMs(ms: number): number {
  return Math.min(ms, 2 ** 31 - 1);
}
