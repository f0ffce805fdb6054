import type { Sql } from "../postgres/connection/connect.ts";
import { captureContents, type CapturedContents, type CaptureOptions, readContents } from "./capture.ts";
import type { ManifestSequence } from "./manifest.ts";
import { joinSequences } from "./manifest_sequences.ts";
import { captureSequenceColumns, captureSequences, type SequenceColumn, type SequenceState } from "./sequences.ts";
import type { SharedSnapshot } from "../postgres/shared_snapshot.ts";

/** Everything a database holds. */
export type CapturedDatabase = CapturedContents & { sequences: ManifestSequence[] };

/** Captures everything a database holds at a snapshot; its sequences with their values at some moment of it. */
export async function captureDatabase(snapshot: SharedSnapshot, options: CaptureOptions): Promise<CapturedDatabase> {
  let states: SequenceState[] = [];
  let columns: SequenceColumn[] = [];
  const contents = await captureContents(snapshot, options, [
    async (sql) => void (states = await captureSequences(sql)),
    async (sql) => void (columns = await captureSequenceColumns(sql)),
  ]);
  return { ...contents, sequences: joinSequences(states, states, columns) };
}

/**
 * Reads the sequences before and after `capture`, in which the dump is made: what it finds of them lies between.
 *
 * @param capture Captures all the rest.
 * @param leftOut OIDs of relations that are not read.
 */
export async function withSequences(
  { sessions: [sql] }: SharedSnapshot,
  capture: () => Promise<CapturedContents>,
  leftOut?: ReadonlySet<number>,
): Promise<CapturedDatabase> {
  const { states: before, columns } = await readSequences(sql, leftOut);
  const contents = await capture();
  const after = await captureSequences(sql, leftOut);
  return { ...contents, sequences: joinSequences(before, after, columns) };
}

/** Captures everything in one session, as its open transaction sees it: also what that transaction itself has changed. */
export async function captureInSession(
  sql: Sql,
  options: CaptureOptions,
): Promise<CapturedDatabase> {
  const contents = await readContents([sql], options);
  const { states, columns } = await readSequences(sql);
  return { ...contents, sequences: joinSequences(states, states, columns) };
}

async function readSequences(sql: Sql, leftOut?: ReadonlySet<number>) {
  const states: SequenceState[] = await captureSequences(sql, leftOut);
  return { states, columns: await captureSequenceColumns(sql, leftOut) };
}
