import type { Sql } from "../postgres/connection/connect.ts";
import type { ConnectionParameters } from "../postgres/connection/connection_parameters.ts";
import { makeScratchDatabase, type ScratchDatabase } from "../postgres/scratch_database.ts";
import { type SharedSnapshot, type SharedSnapshotOptions, takeSharedSnapshot } from "../postgres/shared_snapshot.ts";
import { openStore } from "../storage/open_store.ts";
import type { Store, StoreOptions } from "../storage/store.ts";
import { makeWorkspace, type Workspace } from "../system/workspace.ts";
import type { Run } from "./job.ts";

// What jobs acquire again and again, each released as it must be.

/** Opens a store for as long as the job runs: what it has under way is ended before the job is. */
export function acquireStore(run: Run, address: string, options: Omit<StoreOptions, "signal">): Promise<Store> {
  const { region, endpoint, sse, sseKmsKeyId, storageClass, tags } = options;
  const wanted = { region, endpoint, sse, sseKmsKeyId, storageClass, tags, signal: run.signal };
  return run.acquire(`the store ${address}`, () => openStore(address, wanted), (store) => store.close());
}

/** @param parent Where it is made. @default {with other temporary files} */
export function acquireWorkspace(run: Run, parent?: string): Promise<Workspace> {
  return run.acquire("the workspace", () => makeWorkspace(parent), (made) => made.close());
}

export function acquireConnection(run: Run, open: () => Promise<Sql>): Promise<Sql> {
  return run.acquire("the connection", open, (sql) => sql.end({ timeout: 0 }));
}

/** @param around What is done meanwhile; it returns the snapshot. */
export function acquireSnapshot(
  run: Run,
  parameters: ConnectionParameters,
  options: Omit<SharedSnapshotOptions, "signal"> = {},
  around: (taking: Promise<SharedSnapshot>) => Promise<SharedSnapshot> = (taking) => taking,
): Promise<SharedSnapshot> {
  const take = () => around(takeSharedSnapshot(parameters, { ...options, signal: run.signal }));
  return run.acquire("the snapshot", take, (taken) => taken.release());
}

/** How a scratch database is made and released. */
interface ScratchOptions {
  /** @default {"the scratch database"} */
  what?: string;
  /** Makes the empty database; as the server makes them, unless it says otherwise. */
  make?: (name: string) => Promise<unknown>;
  /** What becomes of it. @default {it is dropped} */
  release?: (scratch: ScratchDatabase) => Promise<void>;
}

/** @param sql A session that stays open as long. */
export function acquireScratch(run: Run, sql: Sql, options: ScratchOptions = {}): Promise<ScratchDatabase> {
  const { what = "the scratch database", make, release = (scratch) => scratch.drop() } = options;
  const say = (name: string) => run.say(`dropped ${name}, left behind by a run that died`);
  return run.acquire(what, () => makeScratchDatabase(sql, say, make), release);
}
