import type { Config } from "../../config/read_config.ts";
import type { WhichBackup } from "../../fetch/choose_backup.ts";
import { backupPath } from "../../fetch/fetch_backup.ts";
import { readStoredManifest } from "../../fetch/fetch_stored_backup.ts";
import { resolveConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import { acquireStore, type Job } from "../../run/job.ts";
import { splitBackupAddress } from "../../storage/backup_name.ts";
import type { ConfiguredOptions } from "../configured.ts";

/**
 * A configuration that names no database, only checks, say, is about the one whose backup the command line names. It is
 * called as its manifest calls it.
 */
export async function withDatabaseOfBackup(
  job: Job,
  config: Config,
  options: ConfiguredOptions & WhichBackup & { targetUrl?: string },
): Promise<Config> {
  if (Object.keys(config.databases).length > 0) return config;
  const { targetUrl, env } = options;
  const which = { ...options };
  if (which.path === undefined && which.from === undefined) return config;
  if (targetUrl) which.targetName = (await resolveConnectionParameters(targetUrl, env)).database;
  const { store: where, name } = splitBackupAddress(await backupPath(job, which));
  const store = await acquireStore(job, where, which.store ?? {});
  const manifest = await readStoredManifest(store, name);
  return { ...config, databases: { [manifest?.configured_as ?? manifest?.database.name ?? "database"]: {} } };
}

/** The same for a backup that is to be made of the database that `--db-url`, or the environment, names. */
export async function withDatabaseOfUrl(
  config: Config,
  { dbUrl, env }: { dbUrl?: string; env: Record<string, string> },
): Promise<Config> {
  const isNamed = dbUrl !== undefined || env.PGDATABASE !== undefined || env.PGSERVICE !== undefined;
  if (Object.keys(config.databases).length > 0 || !isNamed) return config;
  const { database } = await resolveConnectionParameters(dbUrl, env);
  return { ...config, databases: { [database]: {} } };
}
