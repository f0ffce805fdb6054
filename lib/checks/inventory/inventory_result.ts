import type { Finding } from "../../verdict/verdict.ts";
import type { CheckResult } from "../check.ts";
import { expect, together } from "../expect.ts";
import { inventoryAdded, inventoryChanged, inventoryMissing, inventoryTooSmall } from "./findings.ts";
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
  const { name: check, exact, minimum, show } = options;
  const { bucket, objects: { length: recorded } } = before;
  const { missing, changed, added } = faults;
  const facts = ({ count, shown }: Faults) => ({ check, address, count, recorded, ...(show && { shown }) });
  const none = (name: string, { count: actual }: Faults, finding: Finding) =>
    expect(name, { ok: actual === 0, expected: 0, actual }, finding);
  return together(
    expect(
      "recorded",
      { ok: recorded >= minimum, expected: `>= ${minimum}`, actual: recorded },
      inventoryTooSmall({ check, bucket, recorded }),
    ),
    none("missing", missing, inventoryMissing(facts(missing))),
    none(
      "changed",
      changed,
      inventoryChanged({ ...facts(changed), ...(bucket !== address && { recordedIn: bucket }) }),
    ),
    exact
      ? none("added", added, inventoryAdded(facts(added)))
      : { assertions: [], notes: added.count > 0 ? [inventoryAdded.note(facts(added))] : [] },
  );
}
