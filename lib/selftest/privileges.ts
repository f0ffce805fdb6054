import type { Mutation } from "./mutation.ts";
import { grants } from "./privileges/grants.ts";
import { owners } from "./privileges/owners.ts";
import { rights } from "./privileges/rights.ts";

/** Who owns what, and may do what, changed. */
export const privilegeMutations: Mutation[] = [...owners, ...grants, ...rights];
