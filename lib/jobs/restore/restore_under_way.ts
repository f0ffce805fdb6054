import type { Manifest } from "../../manifest/manifest.ts";
import { isSubset, subsetOf } from "../../manifest/subset.ts";
import type { StoredBackup } from "../../storage/directory_store.ts";
import { compareDatabase } from "../compare/compare_database.ts";
import type { Job } from "../job.ts";
import { walkChain } from "../chain/walk_chain.ts";
import type { IncidentRecord } from "./incident_record.ts";
import type { RestoreOptions } from "./restore_options.ts";
import type { TargetServer } from "./restore_target.ts";

/** A restore under way: what its steps share. */
export interface Restore {
  job: Job;
  options: RestoreOptions;
  stored: StoredBackup;
  manifest?: Manifest;
  target: TargetServer;
  record: IncidentRecord;
}

/** Compares what came back with the manifest, or with the part of it that was asked for. */
export async function prove(
  job: Job,
  manifest: Manifest,
  parameters: TargetServer["parameters"],
  { jobs, subset }: RestoreOptions,
  ownersAndGrants: boolean,
): Promise<void> {
  const expected = isSubset(subset) ? subsetOf(manifest, subset) : manifest;
  await compareDatabase(job, expected, parameters, { jobs, ownersAndGrants });
  if (expected.chain) await job.phase("chain", () => walkChain(job, parameters));
}

/** As pg_restore takes them. */
export function subsetOptions({ subset: { schemas, tables } }: RestoreOptions): string[] {
  return [...schemas.map((name) => `--schema=${name}`), ...tables.map((name) => `--table=${name}`)];
}

/** Major version of the pg_dump that made the dump; 0 where nobody knows. */
export function dumpMajor(manifest?: Manifest): number {
  return Number.parseInt(manifest?.postgres.pg_dump ?? "0");
}
