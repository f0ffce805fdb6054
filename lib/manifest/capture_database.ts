import { captureContents, type CaptureOptions, type Contents } from "./capture.ts";
import type { ManifestSequence } from "./manifest.ts";
import { joinSequences } from "./manifest_sequences.ts";
import { captureSequenceColumns, captureSequences, type SequenceState } from "./sequences.ts";
import type { SharedSnapshot } from "../postgres/shared_snapshot.ts";

/** Everything a database holds. */
export type CapturedDatabase = Contents & { sequences: ManifestSequence[] };

/**
 * Captures everything a database holds at a snapshot, and reads the sequences before and after `meanwhile`.
 *
 * @param meanwhile Runs at the same time: the dump.
 */
export async function captureDatabase(
  snapshot: SharedSnapshot,
  options: CaptureOptions,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
): Promise<CapturedDatabase> {
  const before = await readSequences(snapshot);
  const [contents] = await Promise.all([captureContents(snapshot, options), meanwhile()]);
  const after = await readSequences(snapshot);
  return { ...contents, sequences: joinSequences(before.states, after.states, before.columns) };
}

async function readSequences(snapshot: SharedSnapshot) {
  const sql = await snapshot.openSession();
  try {
    const states: SequenceState[] = await captureSequences(sql);
    return { states, columns: await captureSequenceColumns(sql) };
  } finally {
    await sql.end({ timeout: 0 });
  }
}
