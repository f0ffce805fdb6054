import { chainMutations } from "./chain.ts";
import type { Mutation } from "./mutation.ts";
import { rowMutations } from "./rows.ts";
import { sequenceMutations } from "./sequences.ts";
import { valueMutations } from "./values.ts";
import { grants } from "./privileges/grants.ts";
import { owners } from "./privileges/owners.ts";
import { rights } from "./privileges/rights.ts";
import { comments } from "./definitions/comments.ts";
import { constraintsAndIndexes } from "./definitions/constraints_and_indexes.ts";
import { rarerObjects } from "./definitions/rarer_objects.ts";
import { routines } from "./definitions/routines.ts";
import { schemasAndReplication } from "./definitions/schemas_and_replication.ts";
import { tableMutations } from "./definitions/tables.ts";
import { triggersRulesAndPolicies } from "./definitions/triggers_rules_and_policies.ts";
import { typeMutations } from "./definitions/types.ts";
import { views } from "./definitions/views.ts";

/** Who owns what, and may do what, changed. */
const privilegeMutations: Mutation[] = [...owners, ...grants, ...rights];

/** Objects that are gone, added, or defined differently. */
export const definitionMutations: Mutation[] = [
  ...tableMutations,
  ...constraintsAndIndexes,
  ...views,
  ...routines,
  ...triggersRulesAndPolicies,
  ...typeMutations,
  ...rarerObjects,
  ...schemasAndReplication,
  ...comments,
];

/** Every way in which the selftest breaks a restored copy. */
export const mutations: Mutation[] = [
  ...valueMutations,
  ...rowMutations,
  ...sequenceMutations,
  ...definitionMutations,
  ...privilegeMutations,
  ...chainMutations,
];
