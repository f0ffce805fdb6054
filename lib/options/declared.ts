import { backupOptions, sourceOptions } from "./backup_options.ts";
import { attributeOf, type Declaration } from "./declaration.ts";
import { drillOptions, policyOptions } from "./drill_options.ts";
import { pruneOptions, statusOptions } from "./retention_options.ts";
import { keyOptions, runOptions } from "./run_options.ts";
import { storeOptions } from "./store_options.ts";

/** Every option that is both a flag and a key, by the place of its group in the configuration. */
export const declared: Record<string, Record<string, Declaration>> = {
  "": { ...runOptions, ...keyOptions },
  store: storeOptions,
  "databases.NAME": sourceOptions,
  policy: policyOptions,
  backup: backupOptions,
  drill: drillOptions,
  prune: pruneOptions,
  status: statusOptions,
};

const jobNames = new Map(
  Object.values(declared).flatMap((group) => Object.values(group))
    .map((option) => [attributeOf(option), option.job ?? attributeOf(option)]),
);

/** What jobs call an option that commander calls `attribute`. */
export function jobNameOf(attribute: string): string {
  return jobNames.get(attribute) ?? attribute;
}
