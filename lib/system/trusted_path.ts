import { dirname, join, resolve, sep } from "node:path";

/** `sticky`, as `/tmp` has it: only an entry's owner, and the directory's, may rename or remove it. */
const stickyBit = 0o1000;

/** Symbolic links that are followed before a path counts as a circle; Linux gives up at 40, too. */
const mostLinks = 40;

/**
 * Says why another account could exchange a file, or what it holds, before we read or run it.
 *
 * It must belong to root or to this account, and no other account may write it; the same holds for every directory and every
 * symbolic link on the way to it. A directory above the file's own may be one in which everybody makes files, as long as
 * no account removes those of others (`/tmp`).
 *
 * @returns The rest of a sentence that begins with the file: `can be exchanged: /srv/shared belongs to nobody`;
 *   `undefined` if there is no reason, also where there is no such file.
 */
export async function reasonForDistrust(path: string): Promise<string | undefined> {
  let rest = resolve(path).split(sep).filter(Boolean);
  let at: string = sep;
  for (let links = 0; rest.length > 0;) {
    const info = await Deno.lstat(at).catch(() => undefined);
    if (!info) return undefined;
    const reason = info.isSymlink
      ? foreignOwner(at, info)
      : directoryReason(at, info, { holdsFile: rest.length === 1 });
    if (reason) return reason;
    const next = join(at, rest[0]);
    const entry = await Deno.lstat(next).catch(() => undefined);
    if (!entry) return undefined;
    rest = rest.slice(1);
    if (!entry.isSymlink) {
      at = next;
      if (rest.length === 0) return foreignOwner(at, entry) ?? writableByOthers(at, entry);
      continue;
    }
    const owned = foreignOwner(next, entry);
    if (owned) return owned;
    if (++links > mostLinks) return `${next} is one of too many symbolic links`;
    const target = resolve(dirname(next), await Deno.readLink(next));
    rest = [...target.split(sep).filter(Boolean), ...rest];
    at = sep;
  }
  return undefined;
}

function directoryReason(
  path: string,
  info: Deno.FileInfo,
  { holdsFile }: { holdsFile: boolean },
): string | undefined {
  const owned = foreignOwner(path, info);
  if (owned) return owned;
  if (!holdsFile && ((info.mode ?? 0) & stickyBit) !== 0) return undefined;
  return writableByOthers(path, info);
}

function foreignOwner(path: string, { uid }: Deno.FileInfo): string | undefined {
  if (uid === null || uid === 0 || uid === Deno.uid()) return undefined;
  return `${path} belongs to another account (uid ${uid})`;
}

function writableByOthers(path: string, { mode, gid }: Deno.FileInfo): string | undefined {
  const permissions = mode ?? 0;
  if ((permissions & 0o002) !== 0) return `everybody may write ${path}`;
  if ((permissions & 0o020) !== 0 && !rootsGroups.has(gid ?? 0)) return `the group ${gid} may write ${path}`;
  return undefined;
}

/**
 * Groups whose members are as good as root already: root's own; Debian's `staff`, which may write what is in root's PATH;
 * macOS' `admin`, which owns Homebrew.
 */
const rootsGroups: ReadonlySet<number> = new Set(Deno.build.os === "darwin" ? [0, 80] : [0, 50]);
