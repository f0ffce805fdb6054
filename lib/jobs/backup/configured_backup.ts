import type { Config } from "../../config/read_config.ts";
import { withRequiredValues } from "../../options/required_values.ts";
import { commonOptions, givenOnly, preferGiven, storeOptionsOf } from "../configured.ts";
import type { BackupOptions } from "./backup_options.ts";
import { noStore } from "../findings.ts";

/** How one database of a configuration is backed up. */
export function configuredBackup(given: BackupOptions, config: Config, name: string): BackupOptions {
  const database = config.databases[name];
  const { format, encrypt, lock_timeout } = config.backup;
  const { schema, exclude_schema, table, exclude_table, exclude_table_data } = database;
  const selection = Object.entries({ schema, exclude_schema, table, exclude_table, exclude_table_data })
    .flatMap(([option, patterns = []]) => patterns.map((pattern) => `--${option.replaceAll("_", "-")}=${pattern}`));
  const distribution = withRequiredValues(database.distribution ?? [], database.require_values ?? [])
    .map((wanted) => ({ ...wanted, hashValues: database.hash_values ?? false }));
  const options = preferGiven(given, {
    ...commonOptions(config),
    name,
    dbUrl: database.url,
    to: config.store?.address,
    store: config.store && { ...storeOptionsOf(config.store), ...givenOnly(given.store) },
    format,
    recipients: encrypt,
    lockTimeoutMs: lock_timeout,
    signingKey: config.signing_key ?? config.evidence?.signing_key,
    enableRowSecurity: database.enable_row_security,
    selection,
    distribution,
  });
  if (options.to) return options;
  throw noStore.toWrite.error({ where: config.path });
}
