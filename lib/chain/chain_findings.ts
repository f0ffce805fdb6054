import type { ChainSnapshot, Finding } from "../verdict/verdict.ts";

/** What is wrong with a chain that was walked: nothing, or where it breaks. */
export function chainFindings({ first_break_id, first_break_pos }: ChainSnapshot): Finding[] {
  if (first_break_id === undefined) return [];
  return [{
    code: "CHAIN_BROKEN",
    message: `The audit chain breaks at ${first_break_id}, row ${first_break_pos! + 1} of the walk.`,
    fix: "Rows there were altered, removed or added outside of the chain, or cut off behind it: compare them with " +
      "another backup.",
    object: first_break_id,
  }];
}
