import type { StoreConfig } from "../config/config_schema.ts";
import type { Config } from "../config/read_config.ts";
import { valuesAt } from "../options/settle.ts";
import { storeOptions } from "../options/store_options.ts";
import { noDatabase, noStore } from "./findings.ts";

/** What jobs get that may be about what a configuration describes. What it says of their options is in those already. */
export interface ConfiguredOptions {
  config?: Config;
  /** Where connections' other parameters come from. */
  env: Record<string, string>;
}

/**
 * Makes sure that a configuration, or the command line, says which databases are meant and where their backups are.
 *
 * @throws {OperatorError} `NO_DATABASE`, `NO_STORE`
 */
export function requireBackups(config: Config, { from, path }: { from?: string; path?: string }): void {
  requireDatabases(config);
  if (from === undefined && path === undefined) throw noStore.toRead.error({ path: config.path });
}

/** @throws {OperatorError} `NO_DATABASE` */
export function requireDatabases({ databases, path }: Config): void {
  if (Object.keys(databases).length > 0) return;
  throw noDatabase.configured.error({ path });
}

/** How a configuration says to use a store, as stores take it. */
export function storeOptionsOf(store: StoreConfig) {
  return valuesAt(storeOptions, store, "store.");
}
