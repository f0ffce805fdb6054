import { comments } from "./definitions/comments.ts";
import { constraintsAndIndexes } from "./definitions/constraints_and_indexes.ts";
import { rarerObjects } from "./definitions/rarer_objects.ts";
import { routines } from "./definitions/routines.ts";
import { schemasAndReplication } from "./definitions/schemas_and_replication.ts";
import { tables } from "./definitions/tables.ts";
import { triggersRulesAndPolicies } from "./definitions/triggers_rules_and_policies.ts";
import { types } from "./definitions/types.ts";
import { views } from "./definitions/views.ts";
import type { Mutation } from "./mutation.ts";

/** Objects that are gone, added, or defined differently. */
export const definitionMutations: Mutation[] = [
  ...tables,
  ...constraintsAndIndexes,
  ...views,
  ...routines,
  ...triggersRulesAndPolicies,
  ...types,
  ...rarerObjects,
  ...schemasAndReplication,
  ...comments,
];
