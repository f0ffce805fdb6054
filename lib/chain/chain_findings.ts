import type { ChainSnapshot, Finding } from "../verdict/verdict.ts";
import { chainBroken } from "./findings.ts";

/** What is wrong with a chain that was walked: nothing, or where it breaks. */
export function chainFindings({ first_break_id, first_break_pos }: ChainSnapshot): Finding[] {
  return first_break_id === undefined ? [] : [chainBroken({ id: first_break_id, row: first_break_pos! + 1 })];
}
