import { join } from "node:path";
import { makeBackup, manifestOf } from "../jobs.ts";
import type { Attack, AttackGround } from "./attack.ts";

// Files and directories that another account can write: stores, dumps in directory format, places of reports.

/** A file that the attacker cannot read or write, and the program can. */
async function secretFile(
  { directory, give }: AttackGround,
): Promise<{ path: string; requireUntouched(): Promise<void> }> {
  const path = join(directory, "secret");
  const text = "1\n2\n3\n";
  await Deno.writeTextFile(path, text, { mode: 0o600 });
  await give(path);
  await Deno.chmod(path, 0o600);
  return {
    path,
    async requireUntouched() {
      const [now, { mode }] = [await Deno.readTextFile(path).catch(() => "gone"), await Deno.stat(path)];
      if (now !== text) throw new Error("the file outside was changed");
      if ((mode! & 0o777) !== 0o600) throw new Error(`the file outside has mode ${(mode! & 0o777).toString(8)}`);
    },
  };
}

async function backupOf(ground: AttackGround, format: "custom" | "directory"): Promise<string> {
  const database = await ground.server.makeDatabase();
  const sql = await ground.server.connect(database);
  await sql.unsafe("CREATE TABLE public.t (a integer); INSERT INTO public.t VALUES (1), (2)").simple();
  await sql.end();
  const dump = await makeBackup(ground.server.url(database), join(ground.directory, "store"), { format });
  await ground.give(join(ground.directory, "store"));
  return dump;
}

async function dataFileOf(dump: string): Promise<string> {
  for await (const { name } of Deno.readDir(dump)) {
    if (name !== "toc.dat" && name !== "blobs.toc") return join(dump, name);
  }
  throw new Error("the dump has no data file");
}

/** What a store's writer can put in the place of a dump's file; each must be refused by name, within a time. */
const inPlaceOfFile: Record<string, (path: string, secret: string) => Promise<unknown>> = {
  "a link to a file": (path, secret) => Deno.symlink(secret, path),
  "a link to a device": (path) => Deno.symlink("/dev/zero", path),
  "a named pipe": (path) => new Deno.Command("mkfifo", { args: [path] }).output(),
  "a socket": (path) => Promise.resolve(Deno.listen({ transport: "unix", path }).close()),
  "a directory": (path) => Deno.mkdir(path),
};

export const plantedFiles: Attack[] = Object.entries(inPlaceOfFile).flatMap(([what, plant]) => [
  ...(["custom", "directory"] as const).flatMap((format) =>
    [true, false].map((hasManifest): Attack => ({
      name: `store: ${what} in the place of a dump's file, ${format} format${hasManifest ? "" : ", without manifest"}`,
      async attempt(ground) {
        const secret = await secretFile(ground);
        const dump = await backupOf(ground, format);
        const file = format === "custom" ? dump : await dataFileOf(dump);
        await Deno.remove(file);
        await plant(file, secret.path);
        if (!hasManifest) await Deno.remove(manifestOf(dump));
        const { status, verdict } = await ground.run(["drill", dump, "--no-record", "--no-checksum"]);
        if (verdict.verdict === "pass") throw new Error("it passed");
        if (status !== 1 && status !== 2) throw new Error(`it ended with ${status}`);
        await ground.run(["list", "--from", join(ground.directory, "store")]);
        await secret.requireUntouched();
      },
    }))
  ),
  {
    name: `store: ${what} in the place of a manifest`,
    async attempt(ground: AttackGround) {
      const secret = await secretFile(ground);
      const dump = await backupOf(ground, "custom");
      await Deno.remove(manifestOf(dump));
      await plant(manifestOf(dump), secret.path);
      const store = join(ground.directory, "store");
      for (
        const args of [["drill", "--latest"], ["list"], ["status", "--max-age", "1d"], [
          "prune",
          "--keep-last",
          "1",
          "--yes",
        ]]
      ) {
        const { stdout, stderr } = await ground.run([...args, "--from", store]);
        if (/1\n2\n3/.test(stdout + stderr)) throw new Error("it shows the file");
      }
      await secret.requireUntouched();
    },
  },
]);

/** Names of data files in a table of contents, all as long as the one that they replace. */
export const escapingNames: Attack = {
  name: "dump in directory format: a data file outside it",
  async attempt(ground) {
    const dump = await backupOf(ground, "directory");
    await Deno.remove(manifestOf(dump));
    const name = (await dataFileOf(dump)).split("/").at(-1)!.replace(/\.gz$/, "");
    const toc = join(dump, "toc.dat");
    const target = join(ground.directory, "p");
    await Deno.writeTextFile(target, "4711\n\\.\n");
    await ground.give(target);
    const bytes = await Deno.readFile(toc);
    await Deno.writeFile(toc, withName(bytes, name, "../../p"));
    await ground.give(toc);
    const { verdict } = await ground.run(["drill", dump]);
    if (verdict.verdict === "pass") throw new Error("it passed");
  },
};

/** A table of contents with another file name in it; strings are written with their length before them. */
function withName(bytes: Uint8Array, name: string, other: string): Uint8Array {
  const text = new TextDecoder("latin1").decode(bytes);
  const at = text.indexOf(name);
  if (at < 0) throw new Error("the table of contents does not name the file");
  const replaced = `${String.fromCharCode(0, other.length, 0, 0, 0)}${other}`;
  const changed = text.slice(0, at - 5) + replaced + text.slice(at + name.length);
  return Uint8Array.from(changed, (character) => character.charCodeAt(0));
}

export const linksFromStores: Attack[] = [
  {
    name: "store: prune removes nothing behind a link",
    async attempt(ground) {
      const dump = await backupOf(ground, "directory");
      const outside = join(ground.directory, "outside");
      await Deno.mkdir(outside);
      await Deno.writeTextFile(join(outside, "toc.dat"), "kept");
      await ground.give(outside);
      await Deno.remove(dump, { recursive: true });
      await Deno.symlink(outside, dump);
      await backupOf(ground, "custom");
      await ground.run(["prune", "--from", join(ground.directory, "store"), "--keep-last", "1", "--yes"]);
      await Deno.stat(join(outside, "toc.dat"));
    },
  },
  ...["--openmetrics", "--html", "--junit", "--markdown"].map((option): Attack => ({
    name: `report: a link in the place of a temporary file of ${option}`,
    async attempt(ground) {
      const secret = await secretFile(ground);
      const { stdout } = await ground.run(["list", "--from", ground.directory]);
      const verdict = join(ground.directory, "verdict.json");
      await Deno.writeTextFile(verdict, stdout);
      await ground.give(verdict);
      const directory = join(ground.directory, "open");
      await Deno.mkdir(directory);
      await Deno.chmod(directory, 0o1777);
      for (const suffix of ["partial", "tmp"]) await Deno.symlink(secret.path, join(directory, `report.${suffix}`));
      await Deno.symlink(secret.path, join(directory, "report"));
      await ground.run(["report", verdict, option, join(directory, "report")]);
      await secret.requireUntouched();
    },
  })),
];

/** What is not a file at all: it must end by itself, soon. */
export const endless: Attack[] = ["a named pipe", "/dev/zero", "/dev/full"].map((what) => ({
  name: `dump: ${what}`,
  async attempt(ground) {
    const pipe = join(ground.directory, "pipe.sql");
    await new Deno.Command("mkfifo", { args: [pipe] }).output();
    await ground.give(pipe);
    const { status, verdict } = await ground.run(
      ["drill", what.startsWith("/") ? what : pipe, "--timeout", "10s"],
      { timeoutMs: 60_000 },
    );
    if (status !== 2 && status !== 1) throw new Error(`it ended with ${status}`);
    if (verdict.verdict === "pass") throw new Error("it passed");
  },
}));
