import type { InScratchTransaction } from "../judge/judge.ts";
import type { Compared, Finding, Note } from "../../verdict/verdict.ts";

/** What a comparison says. No finding: it is the same. */
export interface Differences {
  /** What is not as it was. */
  findings: Finding[];
  /** What differs and may. */
  notes: Note[];
  compared: Compared;
  /** What was compared: `rows`, `definitions`, `grants`, …. */
  covers: string[];
  /** How many findings each part of the comparison has. */
  differing: Record<
    "rows" | "large_objects" | "sequences" | "definitions" | "privileges" | "rights" | "distribution" | "chain",
    number
  >;
}

/** What one part of the comparison says. */
export interface PartialDifferences {
  findings: Finding[];
  notes?: Note[];
}

/** How to compare. */
export interface ComparisonOptions {
  /**
   * Whether the restore kept owners and grants, so that they must match as well.
   * @default {false}
   */
  ownersAndGrants?: boolean;
  /** Where the restored server is asked whether two texts mean the same to it. Without it, no server is asked. */
  inScratchTransaction?: InScratchTransaction;
}
