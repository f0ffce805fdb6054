import type { FoundFinding } from "../../system/define_finding.ts";
import { OperatorError } from "../../system/operator_error.ts";
import type { Prerequisite } from "../../verdict/verdict.ts";
import { type PrerequisiteName, prerequisiteProblem } from "./findings/prerequisites.ts";

/** One thing that must be as it should for backups and drills to work. */
export interface Examination {
  name: PrerequisiteName;
  /** Of which database, where several are looked at. */
  object?: string;
  /** Looks, and says what it found; what it throws is a `fail` in the error's own words. */
  examine: () => Promise<Found>;
}

/** What an examination found: all is well, or a finding of the prerequisite's code. */
export type Found = Passed | FoundFinding;

interface Passed {
  passed: string;
}

/** It is as it should be. */
export function pass(passed: string): Passed {
  return { passed };
}

/** What was examined, and what to say where it is not as it should be. */
interface Examined {
  prerequisite: Prerequisite;
  finding?: FoundFinding;
}

/** Makes every examination, also after one that failed. */
export async function examineAll(
  examinations: Examination[],
  onExamined: (prerequisite: Prerequisite) => void,
): Promise<Examined[]> {
  const all: Examined[] = [];
  for (const { name, object, examine } of examinations) {
    const found = await examine().catch((error): Found => {
      if (!(error instanceof OperatorError)) throw error;
      return prerequisiteProblem({ name, said: error });
    });
    const about = { name, ...(object !== undefined && { object }) };
    const examined: Examined = "passed" in found
      ? { prerequisite: { ...about, state: "pass", message: found.passed } }
      : {
        prerequisite: {
          ...about,
          state: found.severity === "warning" ? "warn" : "fail",
          message: found.message,
          fix: found.fix,
        },
        finding: { ...found, ...(object !== undefined && { object }) },
      };
    all.push(examined);
    onExamined(examined.prerequisite);
  }
  return all;
}
