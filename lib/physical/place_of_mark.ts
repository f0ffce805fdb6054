import { join } from "node:path";
import type { ControlData } from "./control_data.ts";
import { type Lsn, lsnText, parseLsn } from "./lsn.ts";
import { isVisible, longXid, type SnapshotText } from "./snapshot_text.ts";
import { type RestoredFiles, runTool } from "./verify_files.ts";
import { type FetchCommand, fetchWal } from "./wal_fetcher.ts";
import { segmentAt, segmentName, segmentStart } from "./wal_name.ts";

/** Where a snapshot was taken. */
export interface MarkedPlace {
  snapshot: SnapshotText;
  /** All that the snapshot shows was committed before. */
  insertLsn: Lsn;
  timeline: number;
}

/** How much WAL before the snapshot is looked at: a commit is shown milliseconds after its record. */
const stretchBytes = 16 * 1024 * 1024;

/**
 * Chooses the place to recover to, exclusively, for a snapshot: behind the last commit that it shows, before the next one.
 *
 * A commit that the snapshot does not show may lie before that all the same, if the snapshot cannot be separated. Only the
 * recovered server knows (`countBetween`). Without the WAL it is the place that was noted, before which lies all that the
 * snapshot shows.
 */
export async function placeOfMark(
  { snapshot, insertLsn, timeline }: MarkedPlace,
  { files, control, fetch }: { files: RestoredFiles; control: ControlData; fetch: FetchCommand },
): Promise<Lsn> {
  const { walSegmentBytes: segmentBytes } = control;
  const directory = join(files.space.wal, "mark");
  const { account } = files.sandbox;
  await Deno.mkdir(directory, { mode: 0o750 });
  if (account) await Deno.chown(directory, null, account.gid);
  try {
    const last = segmentAt(insertLsn, segmentBytes);
    const least = Math.max(0, last - Math.max(1, Math.ceil(stretchBytes / segmentBytes)));
    let first: number | undefined;
    for (let number = last; number >= least; number--) {
      const path = join(directory, segmentName({ timeline, number }, segmentBytes));
      const { got } = await fetchWal(fetch, segmentName({ timeline, number }, segmentBytes), path);
      if (!got) break;
      if (account) await Deno.chown(path, null, account.gid);
      await Deno.chmod(path, 0o640);
      first = number;
    }
    if (first === undefined) return insertLsn;
    const { status, stdout } = await runTool(
      "pg_waldump",
      [
        "--rmgr=Transaction",
        `--path=${directory}`,
        `--timeline=${timeline}`,
        `--start=${lsnText(segmentStart(first, segmentBytes))}`,
        `--end=${lsnText(insertLsn)}`,
      ],
      files,
      { alsoRead: [files.space.wal] },
    );
    return status === 0 ? chooseAmong(commitsIn(stdout), snapshot) ?? insertLsn : insertLsn;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** A record that commits a transaction. */
interface Commit {
  xid: bigint;
  lsn: Lsn;
}

/** Reads what `pg_waldump --rmgr=Transaction` prints. */
export function commitsIn(printed: string): Commit[] {
  const lines = printed.matchAll(/\btx: +(\d+), lsn: ([0-9A-F]+\/[0-9A-F]+), .*?desc: COMMIT(?:_PREPARED (\d+))?\b/g);
  return Array.from(lines, ([, xid, lsn, prepared]) => ({ xid: BigInt(prepared ?? xid), lsn: parseLsn(lsn)! }));
}

/** The first commit that a snapshot does not show behind the last that it shows. */
export function chooseAmong(commits: readonly Commit[], snapshot: SnapshotText): Lsn | undefined {
  const isShown = ({ xid }: Commit) => isVisible(snapshot, longXid(snapshot, xid));
  return commits[commits.findLastIndex(isShown) + 1]?.lsn;
}
