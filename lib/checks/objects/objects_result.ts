import type { Note } from "../../verdict/verdict.ts";
import { type CheckResult, expect, together } from "../check.ts";
import {
  objectsAltered,
  objectsMissing,
  objectsNoneLookedAt,
  objectsNoneReferred,
  objectsNotReadable,
  objectsOrphaned,
  objectsSampled,
  objectsTooFewReferred,
  objectsUnreadable,
  objectsWrongSize,
} from "./findings.ts";
import { type ObjectFault, type ObjectsOptions, type Orphans, shownKeys } from "./objects_look.ts";

interface Looked {
  options: ObjectsOptions;
  seed: string;
  /** Of the bucket. */
  address: string;
  tally: Tally;
  orphans: Orphans | undefined;
}

const faults = {
  missing: objectsMissing,
  unreadable: objectsUnreadable,
  wrong_size: objectsWrongSize,
  altered: objectsAltered,
} satisfies Record<ObjectFault["kind"], unknown>;

/**
 * What a check of objects says.
 *
 * @throws {OperatorError} `OBJECTS_NOT_READABLE` if none could be read: then it is the permission, and nothing was looked at.
 */
export function objectsResult(looked: Looked): CheckResult {
  const { options: { name: check, minimum, show }, address, tally } = looked;
  const { lookedAt, referred } = tally;
  requireReadable(looked);
  return together(
    expect(
      "referred",
      { ok: referred >= minimum, expected: `>= ${minimum}`, actual: referred },
      referred === 0 ? objectsNoneReferred({ check }) : objectsTooFewReferred({ check, referred }),
    ),
    expect("looked_at", { ok: true, expected: lookedAt, actual: lookedAt }),
    ...(Object.keys(faults) as ObjectFault["kind"][]).map((kind) => {
      const { count, shown } = tally.faults[kind];
      const names = [...kind === "unreadable" ? reasonsOf(tally) : [], ...show ? shown : []];
      const finding = faults[kind]({ check, address, count, lookedAt, shown: names });
      return expect(kind, { ok: count === 0, expected: 0, actual: count }, finding);
    }),
    { assertions: [], notes: notesOf(looked) },
    orphansResult(looked),
  );
}

function requireReadable({ tally, address }: Looked): void {
  const { faults, lookedAt } = tally;
  if (lookedAt === 0 || faults.unreadable.count < lookedAt) return;
  throw objectsNotReadable.error({ address, lookedAt, reasons: reasonsOf(tally) });
}

/** Why objects cannot be read, and how often that was so. */
function reasonsOf({ reasons }: Tally): string[] {
  return [...reasons].map(([why, times]) => `${why}: ${times}`);
}

function orphansResult({ options, orphans, address }: Looked): CheckResult {
  if (!orphans) return { assertions: [] };
  const { count, shown } = orphans;
  const listed = { check: options.name, address, count, shown: options.show ? shown : [] };
  if (options.orphans === "fail") {
    return expect("orphaned", { ok: count === 0, expected: 0, actual: count }, objectsOrphaned.failing(listed));
  }
  if (count === 0) return { assertions: [] };
  return options.orphans === "count"
    ? { assertions: [], notes: [objectsOrphaned.warned.note(listed)] }
    : { assertions: [], findings: [{ ...objectsOrphaned.warned(listed), expected: 0, actual: count }] };
}

function notesOf({ options: { name: check, sample }, tally: { lookedAt, referred }, seed }: Looked): Note[] {
  return [
    ...sample === undefined ? [] : [objectsSampled({ check, lookedAt, referred, seed })],
    ...lookedAt > 0 ? [] : [objectsNoneLookedAt({ check })],
  ];
}

/** What was found, counted by what is wrong. */
interface Tally {
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
