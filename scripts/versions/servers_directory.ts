import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const own = fileURLToPath(new URL("../../.tools", import.meta.url));

/**
 * Where servers for tests are put: `.tools/` of this checkout, or a directory of root's where root runs them as another
 * account, which cannot enter the checkout: below /root, or a home that no other account may enter.
 */
export async function serversDirectory(): Promise<string> {
  if (Deno.uid() !== 0 || await isOpenToAll(dirname(own))) return own;
  return "/var/cache/pgrehearse-servers";
}

async function isOpenToAll(directory: string): Promise<boolean> {
  for (let at = directory;; at = dirname(at)) {
    if (((await Deno.stat(at)).mode! & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * Makes a directory there, unless it is there already. It appears whole or not at all, so that several runs may install at
 * once.
 *
 * @param fill Fills a temporary directory, and returns which of it to keep.
 */
export async function installOnce(name: string, fill: (temporary: string) => Promise<string>): Promise<string> {
  const servers = await serversDirectory();
  const directory = join(servers, name);
  const isThere = () => Deno.stat(directory).then(() => true, () => false);
  if (await isThere()) return directory;
  await Deno.mkdir(servers, { recursive: true, mode: 0o755 });
  const temporary = await Deno.makeTempDir({ dir: servers, prefix: "install." });
  try {
    const made = await fill(temporary);
    await Deno.chmod(made, 0o755);
    await Deno.rename(made, directory).catch(async (error) => {
      if (!await isThere()) throw error;
    });
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
  return directory;
}

/** Runs a command, and returns what it printed. */
export async function output(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output().catch((error) => {
    throw new Error(error instanceof Deno.errors.NotFound ? `${command} is not installed` : `${command}: ${error}`);
  });
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} failed: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout).trim();
}
