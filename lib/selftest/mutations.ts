import { chainMutations } from "./chain.ts";
import { definitionMutations } from "./definitions.ts";
import type { Mutation } from "./mutation.ts";
import { privilegeMutations } from "./privileges.ts";
import { rowMutations } from "./rows.ts";
import { sequenceMutations } from "./sequences.ts";
import { valueMutations } from "./values.ts";

/** Every way in which the selftest breaks a restored copy. */
export const mutations: Mutation[] = [
  ...valueMutations,
  ...rowMutations,
  ...sequenceMutations,
  ...definitionMutations,
  ...privilegeMutations,
  ...chainMutations,
];
