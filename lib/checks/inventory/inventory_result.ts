import type { Finding, Note } from "../../verdict/verdict.ts";
import type { CheckResult } from "../check.ts";
import type { RecordedInventory } from "./inventory_record.ts";

interface Faults {
  count: number;
  /** Some of the names. */
  shown: string[];
}

interface Compared {
  options: { name: string; exact: boolean; minimum: number; show: boolean };
  before: RecordedInventory;
  /** Of the bucket that was looked at. */
  address: string;
  faults: Record<"missing" | "changed" | "added", Faults>;
}

/** What a check of an inventory says. */
export function inventoryResult({ options, before, address, faults }: Compared): CheckResult {
  const { name, exact, minimum, show } = options;
  const recorded = before.objects.length;
  const isElsewhere = before.bucket !== address;
  const result = (code: string, message: string, fix: string, { count, shown }: Faults): Finding => ({
    code,
    message: `${name}: ${message}`,
    fix,
    ...(show && { detail: shown.join("\n") }),
    expected: 0,
    actual: count,
  });
  const findings: Finding[] = [];
  const notes: Note[] = [];
  const { missing, changed, added } = faults;
  if (recorded < minimum) {
    findings.push({
      code: "INVENTORY_TOO_SMALL",
      message: `${name}: ${recorded} objects were recorded in ${before.bucket}.`,
      fix: "See whether bucket and prefix are right; minimum says how many there must be.",
      expected: `>= ${minimum}`,
      actual: recorded,
    });
  }
  if (missing.count > 0) {
    const message = `${missing.count} of ${recorded} recorded objects ${are(missing)} missing in ${address}.`;
    findings.push(
      result("INVENTORY_MISSING", message, "Bring them back from the bucket's versions or from its copy.", missing),
    );
  }
  if (changed.count > 0) {
    const message = `${changed.count} of ${recorded} recorded objects in ${address} ${
      are(changed)
    } no longer the same.`;
    const fix = isElsewhere
      ? `It was recorded in ${before.bucket}; a copy may have other ETags and has other versions, so record with sha256.`
      : "See who replaced them, and bring the right versions back.";
    findings.push(result("INVENTORY_CHANGED", message, fix, changed));
  }
  if (added.count > 0) {
    const message = `${added.count} objects in ${address} were not there when it was recorded.`;
    if (exact) findings.push(result("INVENTORY_ADDED", message, "See who put them there.", added));
    else notes.push({ code: "INVENTORY_ADDED", message: `${name}: ${message}` });
  }
  return {
    assertions: [
      { name: "recorded", ok: recorded >= minimum, expected: `>= ${minimum}`, actual: recorded },
      { name: "missing", ok: missing.count === 0, expected: 0, actual: missing.count },
      { name: "changed", ok: changed.count === 0, expected: 0, actual: changed.count },
      ...(exact ? [{ name: "added", ok: added.count === 0, expected: 0, actual: added.count }] : []),
    ],
    findings,
    notes,
  };
}

function are({ count }: Faults): string {
  return count === 1 ? "is" : "are";
}
