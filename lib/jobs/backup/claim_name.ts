import { join } from "node:path";
import { dumpSuffix, encryptedSuffix, manifestSuffix, partSuffixes } from "../../storage/backup_name.ts";
import type { Store } from "../../storage/store.ts";
import { objectLocked, storeForbidden } from "../../storage/findings/stores.ts";
import { is } from "../../system/define_finding.ts";
import { makeWorkspaceAt } from "../../system/workspace.ts";
import type { Job } from "../../run/job.ts";

// Of two backups of one name that begin in the same second, one gets `-2`, whichever way each of them is written.

/**
 * Claims a name in a directory that no other backup has. Making the directory `NAME.dump.partial` is the claim; it is
 * removed when the job ends, or its process dies.
 *
 * @returns The name, and that directory. pg_dump writes into it, and not beside it: should we be killed, and the directory
 *   removed, then a pg_dump that lives a moment longer has no place to write to.
 */
export async function claimNameInDirectory(
  job: Job,
  directory: string,
  name: string,
): Promise<{ name: string; unfinished: string }> {
  const isThere = (path: string) => Deno.lstat(path).then(() => true, () => false);
  for (let place = 1;; place++) {
    const wanted = placed(name, place);
    const unfinished = join(directory, `${wanted}${dumpSuffix}.partial`);
    const isTaken = async () => {
      const there = await Promise.all(filesOf(wanted).map((file) => isThere(join(directory, file))));
      return there.includes(true);
    };
    if (await isTaken() || await isThere(unfinished)) continue;
    try {
      let made: { close(): Promise<void> } | undefined;
      await job.acquire(
        "the unfinished dump",
        async () => made = await makeWorkspaceAt(unfinished),
        (made) => made.close(),
      );
      // Another run may have finished between the look and the claim.
      if (!await isTaken()) return { name: wanted, unfinished };
      await made!.close();
    } catch (error) {
      if (job.signal.aborted || !await isThere(unfinished)) throw error;
    }
  }
}

/** Claims a name in a bucket that no other backup has: a small object says so until the job ends. */
export async function claimNameInBucket(job: Job, store: Store, name: string): Promise<string> {
  for (let place = 1;; place++) {
    const wanted = placed(name, place);
    const claim = `${wanted}.claim`;
    const isTaken = await job.acquire(
      "the claim of the name",
      async () => {
        const content = new TextEncoder().encode(`${crypto.randomUUID()}\n`);
        if (await store.claim(claim, content) === "taken") return true;
        const isAlone = await isTheOnlyOne(store, `${wanted}.`, claim).catch(async (error) => {
          await store.remove(claim).catch(unlessForbidden); // of what was not acquired nothing is released
          throw error;
        });
        if (!isAlone) await store.remove(claim).catch(unlessForbidden);
        return !isAlone;
      },
      async (isTaken) => {
        // A role that may write and not remove leaves it there: the name is used up anyway.
        if (!isTaken) await store.remove(claim).catch(unlessForbidden);
      },
    );
    if (!isTaken) return wanted;
  }
}

/** Another run may have finished before ours claimed the name; who may not list does not learn it. */
async function isTheOnlyOne(store: Store, prefix: string, file: string): Promise<boolean> {
  try {
    for await (const { name } of store.list({ prefix })) if (name !== file) return false;
  } catch (error) {
    unlessForbidden(error);
  }
  return true;
}

function unlessForbidden(error: unknown): void {
  const isForbidden = is(error, storeForbidden, objectLocked);
  if (!isForbidden) throw error;
}

function placed(name: string, place: number): string {
  return place === 1 ? name : `${name}-${place}`;
}

function filesOf(name: string): string[] {
  const parts = [dumpSuffix, ...partSuffixes].flatMap((suffix) => [suffix, suffix + encryptedSuffix]);
  return [...parts, manifestSuffix].map((suffix) => name + suffix);
}
