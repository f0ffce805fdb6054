import { join, relative } from "node:path";
import { root } from "./source_files.ts";

/** Every module below a folder of the checkout, as text. */
export async function sourcesBelow(folder: string): Promise<{ path: string; text: string }[]> {
  const found: { path: string; text: string }[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = join(root, folder, name);
    if (isDirectory) found.push(...await sourcesBelow(relative(root, path)));
    else if (name.endsWith(".ts")) found.push({ path: relative(root, path), text: await Deno.readTextFile(path) });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}
