import { dirname } from "node:path";
import type { Account } from "../../system/child_process.ts";

/**
 * Gives directories of root's to an account, and lets it pass through those above them that only root may enter. No other account can
 * list these, and what is lent stays closed to others.
 *
 * @returns What takes them back when it is disposed of.
 */
export async function lendTo({ uid, gid }: Account, directories: readonly string[]): Promise<AsyncDisposable> {
  const opened = new Map<string, number>();
  for (const directory of directories) {
    await Deno.chown(directory, uid, gid);
    for (let above = dirname(directory); above !== "/"; above = dirname(above)) {
      const { mode, uid: owner } = await Deno.stat(above);
      if (mode === null || (mode & 0o1) !== 0 || owner !== 0) continue;
      opened.set(above, mode & 0o7777);
      await Deno.chmod(above, (mode & 0o7777) | 0o1);
    }
  }
  return {
    async [Symbol.asyncDispose]() {
      for (const [path, mode] of opened) await Deno.chmod(path, mode);
      for (const directory of directories) await Deno.chown(directory, 0, 0).catch(() => {}); // one is removed already
    },
  };
}
