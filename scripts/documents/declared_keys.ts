import { backupOptions, sourceOptions } from "../../lib/options/backup_options.ts";
import { connectionOptions, targetOptions } from "../../lib/options/connection_options.ts";
import type { Declaration, Declarations } from "../../lib/options/declaration.ts";
import { evidenceOptions, historyOptions, rememberedOptions } from "../../lib/options/evidence_options.ts";
import { drillOptions } from "../../lib/options/restore_options.ts";
import { pruneOptions, statusOptions } from "../../lib/options/retention_options.ts";
import { runOptions } from "../../lib/options/run_options.ts";
import { fromOptions, ofDatabaseOptions, storeOptions } from "../../lib/options/store_options.ts";

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
