import { OperatorError } from "../../system/operator_error.ts";
import type { Prerequisite } from "../../verdict/verdict.ts";

/** One thing that must be as it should for backups and drills to work. */
export interface Examination {
  name: string;
  /** Of which database, where several are looked at. */
  object?: string;
  /** Looks, and says what it found; what it throws is a `fail` with the error's own advice. */
  examine: () => Promise<Found>;
}

/** What an examination found. */
export interface Found {
  state: Prerequisite["state"];
  message: string;
  /** What to do; where the state is not `pass`. */
  fix?: string;
}

/** It is as it should be. */
export function pass(message: string): Found {
  return { state: "pass", message };
}

/** It works, and may bite later. */
export function warn(message: string, fix: string): Found {
  return { state: "warn", message, fix };
}

/** Something will not work. */
export function fail(message: string, fix: string): Found {
  return { state: "fail", message, fix };
}

/** Makes every examination, also after one that failed. */
export async function examineAll(
  examinations: Examination[],
  onExamined: (prerequisite: Prerequisite) => void,
): Promise<Prerequisite[]> {
  const prerequisites: Prerequisite[] = [];
  for (const { name, object, examine } of examinations) {
    const found = await examine().catch((error): Found => {
      if (!(error instanceof OperatorError)) throw error;
      return fail(error.message, error.fix);
    });
    const prerequisite = { name, ...(object !== undefined && { object }), ...found };
    prerequisites.push(prerequisite);
    onExamined(prerequisite);
  }
  return prerequisites;
}
