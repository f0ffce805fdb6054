import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ownTools = fileURLToPath(new URL("../../.tools", import.meta.url));

/** Finds a program of one of the names: on the PATH, or where scripts/setup puts what only tests need. */
export async function findProgram(...names: string[]): Promise<string | undefined> {
  const own = await Array.fromAsync(Deno.readDir(ownTools), ({ name }) => name).catch(() => []);
  const directories = [
    ...(Deno.env.get("PATH") ?? "").split(":"),
    ...own.filter((name) => name.startsWith("tests-")).map((name) => join(ownTools, name)),
  ];
  for (const path of directories.flatMap((directory) => names.map((name) => join(directory, name)))) {
    const found = await Deno.stat(path).catch(() => undefined);
    if (found?.isFile && (found.mode ?? 0) & 0o111) return path;
  }
  return undefined;
}
