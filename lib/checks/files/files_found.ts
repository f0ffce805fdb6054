import { dirname, join, resolve } from "node:path";

/** A file that was configured, or lies in a directory that was. */
export interface FoundFile {
  /** As configured; below a directory, with what leads there. */
  path: string;
  /** Where it lies, links followed. */
  realPath: string;
  stat: Deno.FileInfo;
}

/**
 * Finds a file, or every file below a directory. In a directory, links to files are followed and links to directories are
 * not.
 *
 * @param root Put before the path, and for `/` in links: what was restored there may not lead to this host's own files.
 * @returns Sorted by path; empty for a directory without files, and for what is neither file nor directory.
 * @throws {Deno.errors.NotFound | Deno.errors.PermissionDenied}
 */
export async function findFiles(path: string, root?: string): Promise<FoundFile[]> {
  const file = await statBelow(path, root);
  if (file.stat.isFile) return [file];
  return file.stat.isDirectory ? await filesBelow(path, root) : [];
}

async function filesBelow(path: string, root: string | undefined): Promise<FoundFile[]> {
  const { realPath } = await statBelow(path, root);
  const found: FoundFile[] = [];
  for await (const { name, isDirectory, isSymlink } of Deno.readDir(realPath)) {
    const below = join(path, name);
    if (isDirectory) found.push(...await filesBelow(below, root));
    else {
      const file = await statBelow(below, root).catch((error) => {
        if (isSymlink && error instanceof Deno.errors.NotFound) return undefined; // it leads nowhere
        throw error;
      });
      if (file?.stat.isFile) found.push(file);
    }
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function statBelow(path: string, root: string | undefined): Promise<FoundFile> {
  const realPath = root === undefined ? resolve(path) : await resolveBelow(resolve(root), path);
  return { path, realPath, stat: await Deno.stat(realPath) };
}

/** As many as Linux follows. */
const mostLinks = 40;

async function resolveBelow(root: string, path: string): Promise<string> {
  let at = root;
  let links = 0;
  for (let parts = path.split("/"); parts.length > 0;) {
    const part = parts.shift()!;
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (at !== root) at = dirname(at);
      continue;
    }
    const next = join(at, part);
    if (!(await Deno.lstat(next)).isSymlink) at = next;
    else {
      const target = await Deno.readLink(next);
      if (++links > mostLinks) throw new Deno.errors.NotFound(`${path} leads in a circle`);
      if (target.startsWith("/")) at = root;
      parts = [...target.split("/"), ...parts];
    }
  }
  return at;
}
