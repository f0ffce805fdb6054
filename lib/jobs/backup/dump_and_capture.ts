import { captureContents } from "../../manifest/capture.ts";
import { type CapturedDatabase, withSequences } from "../../manifest/capture_database.ts";
import type { TableToDigest } from "../../manifest/rows/rows.ts";
import { type DumpedPart, leavesOutDefinitions, readDumpedPart } from "../../manifest/selection.ts";
import type { Compression } from "../../postgres/compression.ts";
import type { ConnectionParameters } from "../../postgres/connection/connection_parameters.ts";
import type { DumpSelection } from "../../postgres/dump_selection.ts";
import { dumpFailed } from "../../postgres/findings/dumps.ts";
import { lockTimeout, relationReplaced } from "../../postgres/findings/servers.ts";
import { type DumpEntry, listDump } from "../../postgres/pg_restore.ts";
import { measuringDump } from "../../postgres/progress/dump_progress.ts";
import { replacedSince, type SharedSnapshot } from "../../postgres/shared_snapshot.ts";
import type { ClientTools } from "../../postgres/tools.ts";
import { acquireSnapshot, type Job } from "../../run/job.ts";
import { is } from "../../system/define_finding.ts";
import type { Finding } from "../../verdict/verdict.ts";
import { type CapturedGlobals, captureGlobals } from "./capture_globals.ts";
import type { DumpSink, SinkOptions } from "./dump_sink.ts";
import { pgDumpSaid } from "./findings/dumps.ts";
import { findAtSource, findNoRows } from "./source_findings.ts";

/** What is dumped and captured, and how. */
export interface CaptureOptions extends SinkOptions {
  /** pg_dump's own options that choose what to dump. */
  selection: string[];
  /** Columns whose rows are counted for each value, and values that this role must see. */
  distribution: { target: string; hashValues: boolean; requiredValues?: string[] }[];
  /** Accept that row security filters what this role sees. */
  enableRowSecurity?: boolean;
  /** Whether hashes of roles' passwords go into a separate, encrypted file. */
  withPasswordHashes?: boolean;
  /** How long to wait for a locked table; 0 waits for ever. */
  lockTimeoutMs: number;
}

/** A dump, and what the database held at the same instant. */
interface DumpedDatabase {
  snapshot: SharedSnapshot;
  captured: CapturedDatabase;
  /** The dump's table of contents. */
  entries: DumpEntry[];
  /** How many tables were digested whose rows the dump holds. */
  tablesRead: number;
  /** What should be known of the source before the bad day. */
  warnings: Finding[];
  globals: CapturedGlobals;
}

/** What to dump, with which tools, and where to. */
interface DumpSource {
  parameters: ConnectionParameters;
  tools: ClientTools;
  sink: DumpSink;
  compression: Compression;
  /** What the selection means. */
  selected?: DumpSelection;
}

/**
 * How long pg_dump waits for its locks, at first. We already lock every table, so only a session that wants to
 * change one, and waits for us, can be in its way: then neither would ever go on.
 */
const shortestLockWaitMs = 500;
const longestLockWaitMs = 2_000;

/** A dump may take longer than a lock is waited for: that alone does not mean to give up. */
const leastAttempts = 6;
const attemptsInParallel = 3;

/**
 * Dumps a database and captures it at one snapshot.
 *
 * A session may ask to change a table just between our locks and those of pg_dump. Then it goes first, and we start again.
 *
 * @throws {OperatorError} `LOCK_TIMEOUT` and whatever the dump and the capture throw.
 */
export async function dumpAndCapture(job: Job, source: DumpSource, options: CaptureOptions): Promise<DumpedDatabase> {
  const { jobs, lockTimeoutMs, enableRowSecurity } = options;
  const deadline = lockTimeoutMs === 0 ? Infinity : Date.now() + lockTimeoutMs;
  for (let attempt = 1;; attempt++) {
    const lockWaitMs = Math.min(shortestLockWaitMs * 2 ** (attempt - 1), longestLockWaitMs);
    const snapshot = await job.phase(
      "snapshot",
      () =>
        acquireSnapshot(job, source.parameters, {
          sessions: jobs,
          lockTimeoutMs,
          enableRowSecurity,
          leftOut: source.selected?.leftOut,
          // pg_dump compresses six times slower than we digest: workers would only take its processor away.
          parallelWorkers: false,
        }, (taking) => waitingAloud(job, taking)),
    );
    try {
      return await dumpAtSnapshot(job, snapshot, {
        ...source,
        options,
        lockWaitMs,
        // Several jobs lock each table once more when they come to it; one alone has its locks from the beginning.
        ...(attempt > attemptsInParallel && { dumpJobs: 1 }),
      });
    } catch (error) {
      if (!is(error, lockTimeout) || job.signal.aborted || (attempt >= leastAttempts && Date.now() > deadline)) {
        throw error;
      }
      job.say("another session waits to change a table: letting it go first, and starting again");
      await snapshot.release();
      await source.sink.discard();
    }
  }
}

async function dumpAtSnapshot(
  job: Job,
  snapshot: SharedSnapshot,
  { sink, tools, compression, selected, options, lockWaitMs, dumpJobs }: DumpSource & {
    options: CaptureOptions;
    lockWaitMs: number;
    dumpJobs?: number;
  },
): Promise<DumpedDatabase> {
  const { selection, distribution, enableRowSecurity, withPasswordHashes } = options;
  // First of all: pg_dumpall takes no snapshot, and the less happens in between, the less may change.
  const globals = await job.phase("globals", () => captureGlobals(job, snapshot, { tools, withPasswordHashes }));
  const warnings = [
    ...await job.phase("source", () => findAtSource(snapshot, selected)),
    ...globals.warnings,
  ];
  const failed = new AbortController();
  const signal = AbortSignal.any([job.signal, failed.signal]);
  // Listed while pg_dump begins. Which part of the tables a selection means, only the finished dump says.
  let tables: TableToDigest[] | undefined;
  const onListed = (listed: readonly TableToDigest[]) => {
    tables = listed.filter(({ isMaterializedView }) => !isMaterializedView);
    if (!(options.format === "directory" && options.jobs > 1)) tables.sort(inOrderOfDump);
  };
  const dump = () =>
    job.phase("dump", async (measure) => {
      const makeDump = () =>
        sink.dump(snapshot.parameters, {
          tools,
          signal,
          snapshot: snapshot.id,
          grants: true, // a restore can leave them out, but not make them up
          selection,
          compress: compression.argument,
          lockTimeoutMs: lockWaitMs,
          ...(dumpJobs !== undefined && { jobs: dumpJobs }),
          enableRowSecurity,
        }).catch(async (error) => {
          throw await withReplaced(error, snapshot, signal);
        });
      const said = measure
        ? await measuringDump(snapshot.parameters, { tables: () => tables, measure }, makeDump)
        : await makeDump();
      if (said) job.note(pgDumpSaid({ said: said.trim() }));
    });
  const list = () => listDump(sink.listable, { tools, signal });
  const atOnce = async <T>(capture: Promise<T>): Promise<T> => {
    const dumping = dump();
    try {
      return (await Promise.all([capture, dumping]))[0];
    } catch (error) {
      failed.abort(error);
      await snapshot.release();
      await Promise.allSettled([capture, dumping]);
      throw error;
    }
  };
  if (selection.length === 0) {
    const captured = await withSequences(
      snapshot,
      () => atOnce(job.phase("manifest", (measure) => captureContents(snapshot, { distribution, onListed, measure }))),
    );
    const found = [...warnings, ...findNoRows(captured)];
    return { snapshot, captured, entries: await list(), tablesRead: countTables(captured), warnings: found, globals };
  }
  // The dump's own table of contents says best what is in it.
  let part: DumpedPart | undefined;
  let entries: DumpEntry[] = [];
  const captured = await withSequences(snapshot, async () => {
    await dump();
    entries = await list();
    part = readDumpedPart(entries, selection);
    const { isChosen, hasLargeObjects: largeObjects } = part;
    return await job.phase(
      "manifest",
      (measure) => {
        const chain = !leavesOutDefinitions(selection);
        return captureContents(snapshot, { distribution, isChosen, largeObjects, chain, measure });
      },
    );
  }, selected?.leftOut);
  return {
    snapshot,
    captured: part!.narrow(captured),
    entries,
    tablesRead: countTables(captured),
    warnings: [...warnings, ...findNoRows(captured)],
    globals,
  };
}

/** Whichever way pg_dump says it: a relation that became another one while it waited for the lock is why it failed. */
async function withReplaced(error: unknown, snapshot: SharedSnapshot, signal: AbortSignal): Promise<unknown> {
  if (!is(error, dumpFailed)) return error;
  const names = await replacedSince(snapshot, signal).catch(() => []);
  return names.length > 0 ? relationReplaced.error({ names }, { cause: error }) : error;
}

/** Says, after a while, that something takes long because another session holds a lock. */
async function waitingAloud<T>(job: Job, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => job.say("waiting for a table that another session has locked"), 2_000);
  return await work.finally(() => clearTimeout(timer));
}

/** pg_dump's own: by schema, then name; several at a time it begins with the biggest. */
function inOrderOfDump(a: TableToDigest, b: TableToDigest): number {
  const [x, y] = a.schema === b.schema ? [a.name, b.name] : [a.schema, b.schema];
  return x < y ? -1 : x > y ? 1 : 0;
}

/** A dump holds no data of a materialized view. */
function countTables({ rows }: CapturedDatabase): number {
  return rows.filter(({ is_refreshed, is_data_left_out }) => !is_refreshed && !is_data_left_out).length;
}
