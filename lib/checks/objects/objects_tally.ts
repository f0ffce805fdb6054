import { shownKeys } from "./objects_orphans.ts";
import type { ObjectFault } from "./objects_look.ts";

/** What was found, counted by what is wrong. */
export interface Tally {
  /** How many keys the query gave. */
  referred: number;
  lookedAt: number;
  faults: Record<ObjectFault["kind"], { count: number; shown: string[] }>;
  /** Why objects cannot be read, and how many. */
  reasons: Map<string, number>;
  add(key: string, fault: ObjectFault | undefined): void;
}

export function makeTally(): Tally {
  const none = () => ({ count: 0, shown: [] });
  const tally: Tally = {
    referred: 0,
    lookedAt: 0,
    faults: { missing: none(), unreadable: none(), wrong_size: none(), altered: none() },
    reasons: new Map(),
    add(key, fault) {
      tally.lookedAt++;
      if (!fault) return;
      const faults = tally.faults[fault.kind];
      faults.count++;
      if (faults.shown.length < shownKeys) faults.shown.push(key);
      if (fault.reason) tally.reasons.set(fault.reason, (tally.reasons.get(fault.reason) ?? 0) + 1);
    },
  };
  return tally;
}
