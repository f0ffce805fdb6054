import { OperatorError } from "../../system/operator_error.ts";
import type { Finding, Note } from "../../verdict/verdict.ts";
import type { CheckResult } from "../check.ts";
import type { ObjectFault } from "./objects_look.ts";
import type { ObjectsOptions } from "./objects_options.ts";
import type { Orphans } from "./objects_orphans.ts";
import type { Tally } from "./objects_tally.ts";

interface Looked {
  options: ObjectsOptions;
  seed: string;
  /** Of the bucket. */
  address: string;
  tally: Tally;
  orphans: Orphans | undefined;
}

const faults: Record<ObjectFault["kind"], { code: string; state: string; fix: string }> = {
  missing: {
    code: "OBJECTS_MISSING",
    state: "missing",
    fix: "Bring them back from the bucket's versions or from its copy.",
  },
  unreadable: {
    code: "OBJECTS_UNREADABLE",
    state: "there and cannot be read",
    fix: "Grant this host's role or user s3:GetObject on them, or bring them back from their archive.",
  },
  wrong_size: {
    code: "OBJECTS_WRONG_SIZE",
    state: "of another size than the row says",
    fix: "Bring the right versions back, or see whether rows and objects are of the same moment.",
  },
  altered: {
    code: "OBJECTS_ALTERED",
    state: "not what the row says by hash or ETag",
    fix: "Bring the right versions back. An ETag also differs where a large object was copied: then give sha256.",
  },
};

/**
 * What a check of objects says.
 *
 * @throws {OperatorError} `OBJECTS_NOT_READABLE` if none could be read: then it is the permission, and nothing was looked at.
 */
export function objectsResult(looked: Looked): CheckResult {
  const { options, address, tally, seed } = looked;
  requireReadable(looked);
  const kinds = Object.keys(faults) as ObjectFault["kind"][];
  const findings: Finding[] = kinds.flatMap((kind) => {
    const { code, state, fix } = faults[kind];
    const { count, shown } = tally.faults[kind];
    if (count === 0) return [];
    const reasons = kind === "unreadable" ? [...tally.reasons].map(([why, times]) => `${why}: ${times}`) : [];
    const message = `${options.name}: ${count} of ${objects(tally.lookedAt)} in ${address} ${
      count === 1 ? "is" : "are"
    } ${state}.`;
    return [finding(code, message, fix, { actual: count, lines: [...reasons, ...(options.show ? shown : [])] })];
  });
  const isEnough = tally.referred >= options.minimum;
  if (!isEnough) findings.push(tooFew(looked));
  const orphaned = orphansResult(looked);
  return {
    assertions: [
      { name: "referred", ok: isEnough, expected: `>= ${options.minimum}`, actual: tally.referred },
      { name: "looked_at", ok: true, expected: tally.lookedAt, actual: tally.lookedAt },
      ...kinds.map((kind) => ({
        name: kind,
        ok: tally.faults[kind].count === 0,
        expected: 0,
        actual: tally.faults[kind].count,
      })),
      ...orphaned.assertions,
    ],
    findings: [...findings, ...orphaned.findings],
    notes: [...notesOf(looked, seed), ...orphaned.notes],
  };
}

function requireReadable({ tally: { faults, lookedAt, reasons }, address }: Looked): void {
  if (lookedAt === 0 || faults.unreadable.count < lookedAt) return;
  throw new OperatorError("OBJECTS_NOT_READABLE", `none of ${objects(lookedAt)} in ${address} can be read.`, {
    fix: "Grant this host's role or user s3:GetObject on the bucket's objects, or read permission on the directory.",
    detail: [...reasons].map(([why, times]) => `${why}: ${times}`).join("\n"),
  });
}

function tooFew({ options: { name, minimum }, tally: { referred } }: Looked): Finding {
  const code = referred === 0 ? "OBJECTS_NONE_REFERRED" : "OBJECTS_TOO_FEW_REFERRED";
  const message = `${name}: the query gives ${referred === 0 ? "no key at all" : keys(referred)}.`;
  const fix = "See whether rows are missing or the query is wrong; minimum says how many there must be.";
  return { code, message, fix, expected: `>= ${minimum}`, actual: referred };
}

function orphansResult({ options, orphans, address }: Looked): Required<CheckResult> {
  const none = { assertions: [], findings: [], notes: [] };
  if (!orphans) return none;
  const { count, shown } = orphans;
  const ok = count === 0;
  const assertions = options.orphans === "fail" ? [{ name: "orphaned", ok, expected: 0, actual: count }] : [];
  if (ok) return { ...none, assertions };
  const message = `${options.name}: no row refers to ${objects(count)} in ${address}.`;
  if (options.orphans === "count") return { ...none, notes: [{ code: "OBJECTS_ORPHANED", message }] };
  const fix = "See whether rows are missing; else the objects can go, or orphan_age leaves out young ones.";
  const found = finding("OBJECTS_ORPHANED", message, fix, { actual: count, lines: options.show ? shown : [] });
  return {
    ...none,
    assertions,
    findings: [options.orphans === "fail" ? found : { ...found, severity: "warning" }],
  };
}

function notesOf({ options, tally }: Looked, seed: string): Note[] {
  const notes: Note[] = [];
  if (options.sample !== undefined) {
    const message = `${options.name}: ${objects(tally.lookedAt)} of ${tally.referred}, chosen with the seed ${seed}.`;
    notes.push({ code: "OBJECTS_SAMPLED", message });
  }
  if (tally.lookedAt === 0) {
    notes.push({ code: "OBJECTS_NONE_LOOKED_AT", message: `${options.name}: no object was looked at.` });
  }
  return notes;
}

function finding(
  code: string,
  message: string,
  fix: string,
  { actual, lines }: { actual: number; lines: string[] },
): Finding {
  return { code, message, fix, ...(lines.length > 0 && { detail: lines.join("\n") }), expected: 0, actual };
}

function objects(count: number): string {
  return count === 1 ? "1 object" : `${count} objects`;
}

function keys(count: number): string {
  return count === 1 ? "1 key" : `${count} keys`;
}
