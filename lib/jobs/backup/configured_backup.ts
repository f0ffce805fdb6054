import type { Config } from "../../config/read_config.ts";
import { noStore } from "../findings.ts";
import type { BackupOptions } from "./backup.ts";

/**
 * How one database of a configuration is backed up.
 *
 * @throws {OperatorError} `NO_STORE`
 */
export function configuredBackup(options: BackupOptions, { path }: Config, name: string): BackupOptions {
  if (options.to === "") throw noStore.toWrite.error({ path });
  return { ...options, ...options.ofDatabases?.[name], name };
}
