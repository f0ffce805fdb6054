import { backupOptions, sourceOptions } from "./backup_options.ts";
import { connectionOptions, targetOptions } from "./connection_options.ts";
import type { Declaration, Declarations } from "./declaration.ts";
import { evidenceOptions, historyOptions, rememberedOptions } from "./evidence_options.ts";
import { drillOptions } from "./restore_options.ts";
import { pruneOptions, statusOptions } from "./retention_options.ts";
import { runOptions } from "./run_options.ts";
import { fromOptions, ofDatabaseOptions, storeOptions } from "./store_options.ts";

const groups: Declarations[] = [
  runOptions,
  connectionOptions,
  targetOptions,
  fromOptions,
  storeOptions,
  ofDatabaseOptions,
  evidenceOptions,
  rememberedOptions,
  historyOptions,
  sourceOptions,
  backupOptions,
  drillOptions,
  pruneOptions,
  statusOptions,
];

/** The options that are keys of the configuration as well, by the key: `backup.lock_timeout`. */
export const declaredKeys: ReadonlyMap<string, Declaration> = new Map(
  groups.flatMap((group) => Object.values(group)).flatMap((option) =>
    option.key === undefined ? [] : [[option.key, option] as const]
  ),
);
