import { filesAt } from "../system/checksums.ts";
import { run } from "../system/child_process.ts";
import { diskFull, dumpUnreadable } from "../system/findings.ts";
import { reasonForDistrust } from "../system/trusted_path.ts";
import { join } from "node:path";

/** Whether nobody but us and root can exchange a file, or one in a directory, after it was looked at. */
export async function isOursAlone(path: string): Promise<boolean> {
  for (const below of await filesAt(path)) {
    if (await reasonForDistrust(join(path, below)) !== undefined) return false;
  }
  return true;
}

/**
 * Copies a directory that somebody else may change meanwhile into an empty one of ours. Links and pipes are copied as what
 * they are: look at the copy before you read it.
 *
 * @throws {OperatorError} `DISK_FULL`, `DUMP_UNREADABLE`
 */
export async function copyDirectory(from: string, to: string, shown: string, signal: AbortSignal): Promise<void> {
  // From inside: the name may lead elsewhere by then, and the directory that was entered does not.
  const copy = 'cd -P -- "$1" && exec cp -RP -- . "$2"';
  const { status, stderr } = await run("/bin/sh", ["-c", copy, "sh", from, to], { env: { LC_ALL: "C" }, signal });
  if (status === 0) return;
  const reason = stderr.trim().split("\n")[0].replace(/\.$/, "");
  throw /No space left|quota exceeded/i.test(reason)
    ? diskFull.copyingDump.error({ path: shown, reason })
    : dumpUnreadable.copying.error({ path: shown, reason });
}
