import type { Finding, TriedMutation } from "../verdict/verdict.ts";
import { expectedFinding, type Mutation } from "./mutation.ts";

/** What the comparison's findings say about the comparison. */
export interface Judgement {
  tried: Omit<TriedMutation, "duration_ms">;
  /** What had to be found and was not, as `CODE object`. */
  missed: string[];
  /** What was found and is not so. */
  falseAlarms: string[];
}

/** Judges what the comparison found after a mutation: all that it must find, and nothing else. */
export function judge({ name, told }: Mutation, findings: Finding[]): Judgement {
  const expected = told.map(expectedFinding);
  const found = findings.map(describeFinding);
  const missed = expected.filter((one) => !found.includes(one));
  const falseAlarms = found.filter((one) => !expected.includes(one));
  const [code, ...object] = expected[0].split(" ");
  return {
    tried: {
      name,
      caught_by: missed.includes(expected[0]) ? null : code,
      object: object.join(" "),
      ok: missed.length === 0 && falseAlarms.length === 0,
    },
    missed,
    falseAlarms,
  };
}

/** A finding as `CODE object`. */
export function describeFinding({ code, object }: Finding): string {
  return object === undefined ? code : `${code} ${object}`;
}
