import type { Mutation } from "./mutation.ts";
import { grants } from "./privileges/grants.ts";
import { owners } from "./privileges/owners.ts";

/** Who owns what, and may do what, changed. */
export const privilegeMutations: Mutation[] = [...owners, ...grants];
