import { join } from "node:path";

const fileName = "pgrehearse.jsonc";

/** Where a configuration lies that nobody named: in the working directory, else in /etc/pgrehearse. */
export async function findConfig(): Promise<string | undefined> {
  for (const directory of [Deno.cwd(), "/etc/pgrehearse"]) {
    const path = join(directory, fileName);
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}
