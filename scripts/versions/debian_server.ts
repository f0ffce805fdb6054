import { join } from "node:path";
import { findServerTools } from "../../lib/postgres/tools.ts";
import { installOnce, output } from "./servers_directory.ts";

/**
 * Takes the newest minor that Debian has of the PostgreSQL that is installed out of its packages: servers of another minor
 * keep other things in their catalogs, and a machine that was set up a while ago would never see them.
 *
 * @returns The `bin` directory; undefined if the newest one is installed.
 * @throws {Error} Saying why it cannot be had on this machine.
 */
export async function installNewestMinor(): Promise<string | undefined> {
  const { major, version } = await findServerTools(Deno.env.get("PGREHEARSE_PG_BIN"));
  const policy = await output("apt-cache", ["policy", `postgresql-${major}`], { env: { LC_ALL: "C" } });
  const newest = /Candidate: (\d+\.\d+)/.exec(policy)?.[1];
  if (newest === undefined) throw new Error(`Debian has no postgresql-${major} here`);
  if (minorOf(newest) <= minorOf(version)) return undefined;
  const directory = await installOnce(`postgres-debian-${newest}`, async (temporary) => {
    await Deno.chmod(temporary, 0o755); // apt-get's own account writes there
    const names = [`postgresql-${major}`, `postgresql-client-${major}`];
    await output("apt-get", ["download", ...names], { cwd: temporary });
    const root = join(temporary, "root");
    for await (const { name } of Deno.readDir(temporary)) {
      if (name.endsWith(".deb")) await output("dpkg-deb", ["-x", join(temporary, name), root]);
    }
    return root;
  });
  const bin = join(directory, `usr/lib/postgresql/${major}/bin`);
  const says = await output(join(bin, "postgres"), ["--version"]);
  if (!says.includes(`(PostgreSQL) ${newest}`)) throw new Error(`${bin}/postgres --version says ${says}`);
  return bin;
}

function minorOf(version: string): number {
  return Number(version.split(".")[1]);
}

if (import.meta.main) {
  try {
    const bin = await installNewestMinor();
    if (bin) console.log(bin);
  } catch (error) {
    console.error((error as Error).message);
    Deno.exit(1);
  }
}
