// A document as it was read: anything may stand anywhere in it.

export type Path = (string | number)[];

/** What looks for contradictions gets. */
export interface Lookup {
  config: Record<string, unknown>;
  /** What the document defines. */
  names: Record<"databases" | "buckets" | "app" | "checks", string[]>;
  /** Says that something is wrong. */
  say(path: Path, message: string, hint?: string): void;
  /** Says it of a text that is none of the names. */
  mustBe(of: keyof Lookup["names"], what: string, path: Path, value: unknown): void;
}

export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}

export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
