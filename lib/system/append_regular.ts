import { constants } from "node:fs";
import { lstat, open } from "node:fs/promises";

/**
 * Appends to a regular file, which is made with mode 0600 where there is none. It goes through no link, and waits for no
 * FIFO's reader.
 *
 * @throws {Error} Where it is no regular file; and what opening and writing throw.
 */
export async function appendRegular(path: string, text: string): Promise<void> {
  const named = await lstat(path).catch(() => undefined);
  if (named && !named.isFile()) throw new Error("it is not a regular file, or was exchanged meanwhile");
  const { O_APPEND, O_CREAT, O_EXCL, O_NONBLOCK, O_WRONLY } = constants;
  const file = await open(path, O_WRONLY | O_APPEND | O_NONBLOCK | (named ? 0 : O_CREAT | O_EXCL), 0o600);
  try {
    const { ino, dev } = await file.stat();
    if (named && (ino !== named.ino || dev !== named.dev)) {
      throw new Error("it is not a regular file, or was exchanged meanwhile");
    }
    await file.writeFile(text);
  } finally {
    await file.close();
  }
}
