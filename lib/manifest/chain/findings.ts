import { defineFinding } from "../../system/define_finding.ts";
import type { Consequence } from "../../system/operator_error.ts";

export const chainMissing = defineFinding({
  code: "CHAIN_MISSING",
  means: "unknown",
  says: ({ means }: { means: Consequence }) => ({
    message: "This database has no audit chain: audit_events, audit_chain_head and audit_events_verify_chain() " +
      "in one schema.",
    fix: means === "fail"
      ? "The database had a chain when it was backed up. See what the restore said, and compare with another backup."
      : "Name the right database, or create a chain with pgrehearse workload.",
    means,
  }),
  examples: [{ means: "unknown" }, { means: "fail" }],
});

export const chainBroken = defineFinding({
  code: "CHAIN_BROKEN",
  means: "fail",
  says: ({ id, row }: { id: string; row: number }) => ({
    message: `The audit chain breaks at ${id}, row ${row} of the walk.`,
    fix: "Rows there were altered, removed or added outside of the chain, or cut off behind it: compare them with " +
      "another backup.",
    object: id,
  }),
  examples: [{ id: "417", row: 417 }],
});
