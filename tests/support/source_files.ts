import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = dirname(dirname(import.meta.dirname!));

/** A module of ours. */
export interface SourceFile {
  /** From the checkout's root: `lib/jobs/drill/drill.ts`. */
  path: string;
  /** The files of ours that it imports or exports from, as paths from the root: late ones, types and texts too. */
  imports: string[];
}

/** What `deno info --json` says of a module. */
interface Module {
  specifier: string;
  dependencies?: { specifier: string; code?: Resolved; type?: Resolved }[];
}
interface Resolved {
  specifier?: string;
  error?: string;
}

/** Reads what every module of a folder imports, as Deno itself sees it. */
export async function readImports(folder: string): Promise<SourceFile[]> {
  const files: SourceFile[] = [];
  for (const { specifier, dependencies = [] } of await modulesReachedFrom(folder)) {
    const path = pathOf(specifier);
    if (!path?.startsWith(`${folder}/`) || !path.endsWith(".ts")) continue;
    const imports = dependencies.flatMap(({ specifier, code, type }) => {
      const target = (code ?? type)?.specifier;
      if (target === undefined) throw new Error(`${path} imports ${specifier}, which Deno does not find`);
      const to = pathOf(target);
      return to === undefined ? [] : [to];
    });
    files.push({ path, imports });
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1);
}

async function modulesReachedFrom(folder: string): Promise<Module[]> {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const all = (await sourcesBelow(folder)).map(({ path }) => `import ${JSON.stringify(`file://${root}/${path}`)};\n`);
    await Deno.writeTextFile(entry, all.join(""));
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--frozen", "--config", join(root, "deno.json"), entry],
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return JSON.parse(new TextDecoder().decode(stdout)).modules;
  } finally {
    await Deno.remove(entry);
  }
}

/** Every module below a folder of the checkout, as text. */
export function sourcesBelow(folder: string): Promise<{ path: string; text: string }[]> {
  return filesBelow(folder, /\.ts$/);
}

/** Every file below a folder of the checkout whose path is like that, as text. */
export async function filesBelow(folder: string, like: RegExp): Promise<{ path: string; text: string }[]> {
  const found: { path: string; text: string }[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${name}`;
    if (isDirectory) found.push(...await filesBelow(path, like));
    else if (like.test(path)) found.push({ path, text: await Deno.readTextFile(join(root, path)) });
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

function pathOf(specifier: string): string | undefined {
  if (!specifier.startsWith("file:")) return undefined;
  const path = relative(root, fileURLToPath(specifier));
  return path.startsWith("..") ? undefined : path;
}
