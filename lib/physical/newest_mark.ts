import { join } from "node:path";
import { lsnText, parseLsn } from "./lsn.ts";
import { type RestoredFiles, runTool } from "./verify_files.ts";
import { parseWalName, segmentBefore, segmentStart } from "./wal_name.ts";

/** Under this prefix `pg_waldump --rmgr=LogicalMessage` shows a mark. */
export const markPrefix = "pgrehearse";

/** A mark that came back: its transaction was replayed. */
export interface Mark {
  xid: string;
  /** When it was committed, by the source's clock. */
  at: Date;
}

/** Where to look: a recovered cluster whose server keeps its WAL. */
interface Searched extends RestoredFiles {
  segmentBytes: number;
  /** How far the WAL was replayed. */
  reached: string;
}

/**
 * Finds the newest mark that was replayed, in the WAL that the recovered cluster still has: what it replayed since its last
 * restartpoint. `undefined` where none is in there, or where the server is older than 14: its pg_waldump shows no prefix.
 */
export async function newestMark(files: Searched): Promise<Mark | undefined> {
  const stretch = await lastStretch(files);
  if (!stretch) return undefined;
  const { timeline, first, last } = stretch;
  // Most often it is near the end, and no more than that is read.
  let to = files.reached;
  for (let count = 4;; count *= 4) {
    const from = Math.max(first, last - count + 1);
    const range = { timeline, from: lsnText(segmentStart(from, files.segmentBytes)), to };
    const messages = await waldump(files, ["--rmgr=LogicalMessage"], range, `prefix "${markPrefix}"; payload`);
    for (const line of messages.reverse()) {
      const [, xid, lsn] = messageLine.exec(line) ?? [];
      if (xid === undefined) continue;
      const commits = await waldump(files, ["--rmgr=Transaction", `--xid=${xid}`], {
        timeline,
        from: lsn,
        to: files.reached,
      }, "COMMIT");
      const at = commits.map((commit) => commitLine.exec(commit)).find((matched) => matched !== null);
      if (at) return { xid, at: new Date(`${at[1]}T${at[2]}Z`) };
    }
    if (from === first) return undefined;
    // One segment is read again: a record that begins in the one before it is shown by neither of them.
    if (from < last) to = lsnText(segmentStart(from + 1, files.segmentBytes));
  }
}

const messageLine = new RegExp(
  String
    .raw`\btx: +([1-9]\d*), lsn: ([0-9A-F]+/[0-9A-F]+), .*desc: MESSAGE (?:non-)?transactional, prefix "${markPrefix}";`,
);
const commitLine = /desc: COMMIT (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?) UTC/;

/** The segments without a gap up to the one that was replayed last, of its timeline. */
async function lastStretch({ space, segmentBytes, reached }: Searched) {
  const lsn = parseLsn(reached);
  if (lsn === undefined) return undefined;
  const last = segmentBefore(lsn, segmentBytes);
  const numbers = new Map<number, Set<number>>();
  for await (const { name } of Deno.readDir(join(space.data, "pg_wal"))) {
    const file = parseWalName(name, segmentBytes);
    if (file?.kind !== "segment" || file.isPartial || file.compression) continue;
    const { timeline, number } = file.segment;
    numbers.set(timeline, (numbers.get(timeline) ?? new Set()).add(number));
  }
  const timeline = Math.max(0, ...[...numbers.keys()].filter((key) => numbers.get(key)!.has(last)));
  if (timeline === 0) return undefined;
  let first = last;
  while (numbers.get(timeline)!.has(first - 1)) first--;
  return { timeline, first, last };
}

/** Other programs write messages too, long ones: what says something else is dropped on the way. */
const newestLines = `text=$1; shift; "$@" 2>/dev/null | grep -F -e "$text" | cut -c 1-400 | tail -n 8`;

/** The last records that contain a text, of those that were replayed. Runs in the sandbox. */
async function waldump(
  files: Searched,
  filters: string[],
  { timeline, from, to }: { timeline: number; from: string; to: string },
  text: string,
): Promise<string[]> {
  const place = [
    `--path=${join(files.space.data, "pg_wal")}`,
    `--timeline=${timeline}`,
    `--start=${from}`,
    `--end=${to}`,
  ];
  const { stdout } = await runTool("pg_waldump", [...filters, ...place], files, {
    env: { TZ: "UTC" },
    through: ["/bin/sh", "-c", newestLines, "sh", text],
  });
  return stdout.split("\n").filter((line) => line !== "");
}
