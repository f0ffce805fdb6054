import { lchown } from "node:fs/promises";
import { dirname, join } from "node:path";
import { installationOf } from "../postgres/installation.ts";
import { findServerTools } from "../postgres/tools.ts";
import { run } from "../system/child_process.ts";
import { makeSandbox } from "../system/isolation/make_sandbox.ts";
import type { Sandbox, View } from "../system/isolation/sandbox.ts";
import { type Layout, packings } from "./base_backup.ts";
import { physicalBackupIncomplete, physicalRestoreFailed } from "./findings/sources.ts";
import copyScript from "./copy_base_backup.sh" with { type: "text" };
import type { RestorePlace } from "./source.ts";

/** Copies a backup that lies there as files. No link of it is followed but those to its tablespaces. */
export async function restoreFiles(
  backup: string,
  { directory }: { directory: string },
  place: RestorePlace,
): Promise<void> {
  const args = ["-c", copyScript, "copy", directory, place.directory, place.tablespaceDirectory];
  const { status, stdout, stderr } = await run("/bin/sh", args, { env: { LC_ALL: "C" }, signal: place.signal });
  if (status === 0) return;
  const [, tablespace, path] = /^missing (\d+) (.*)$/m.exec(stdout) ?? [];
  if (tablespace !== undefined) throw physicalBackupIncomplete.tablespace.error({ backup, tablespace, path });
  throw physicalRestoreFailed.error({ backup, by: "cp", said: stderr.trim() });
}

/** Unpacks a backup of tars in a sandbox: each goes into its own directory, and none writes anywhere else. */
export async function restoreTar(
  backup: string,
  { tars }: Layout & { kind: "tar" },
  place: RestorePlace,
): Promise<void> {
  const { directory, tablespaceDirectory, signal } = place;
  const sandbox = await makeSandbox();
  // What is first makes pg_wal and pg_tblspc.
  for (const { path, of, packing } of tars.toSorted((a, b) => a.of === "base" ? -1 : b.of === "base" ? 1 : 0)) {
    const to = of === "base" ? directory : of === "pg_wal" ? join(directory, "pg_wal") : join(tablespaceDirectory, of);
    if (of !== "base") await Deno.mkdir(to, { recursive: true, mode: 0o700 });
    const script = `${packings[packing]} | tar -x -f - -C "$1" --no-same-owner`;
    const { status, stderr } = await runInside(
      sandbox,
      ["/bin/sh", "-c", script, "sh", to],
      { write: [to] },
      path,
      signal,
    );
    // tar ends at the end of the archive: the unpacker may be told that the rest is not read.
    if (status !== 0) throw physicalRestoreFailed.error({ backup, by: "tar", said: `${path}: ${stderr.trim()}` });
  }
  const links = join(directory, "pg_tblspc");
  for (const { of } of tars.filter(({ of }) => /^\d+$/.test(of))) {
    await Deno.remove(join(links, of)).catch(() => {}); // as older servers write it
    await Deno.symlink(join(tablespaceDirectory, of), join(links, of));
  }
  const manifest = join(dirname(tars[0].path), "backup_manifest");
  const isThere = await Deno.stat(manifest).then(({ isFile }) => isFile, () => false);
  if (isThere) await Deno.copyFile(manifest, join(directory, "backup_manifest"));
}

/** Puts increments together with the backup that they are based on. Needs them as files. */
export async function combineBackups(
  backup: string,
  chain: readonly Layout[],
  { directory, tablespaceDirectory, signal }: RestorePlace,
  pgBin?: string,
): Promise<void> {
  const packed = chain.find(({ kind }) => kind === "tar");
  const fail = (said: string) => physicalRestoreFailed.error({ backup, by: "pg_combinebackup", said });
  if (packed) throw fail(`${packed.directory} is packed. Unpack it: pg_combinebackup reads files only.`);
  const inputs = chain.map((layout) => layout.directory);
  const { postgres } = await findServerTools(pgBin, 17);
  const program = join(dirname(postgres), "pg_combinebackup");
  const places = await Promise.all(inputs.map((input) => tablespacesOf(backup, input)));
  const mapped = places.at(-1)!.map(({ oid, path }) => ({ from: path, to: join(tablespaceDirectory, oid) }));
  // It makes its directories itself, and of the data directory's parent it needs no more than the name.
  const sandbox = await makeSandbox();
  const seen = [...inputs, ...places.flat().map(({ path }) => path)];
  const view = sandbox.lends ? { lend: seen } : { read: seen };
  const args = [
    ...mapped.map(({ from, to }) => `--tablespace-mapping=${from.replaceAll("=", "\\=")}=${to.replaceAll("=", "\\=")}`),
    `--output=${directory}`,
    ...inputs,
  ];
  const { status, stderr } = await runInside(
    sandbox,
    [program, ...args],
    {
      ...view,
      read: [...view.read ?? [], ...await installationOf(program)],
      write: [directory, tablespaceDirectory],
    },
    "/dev/null",
    signal,
  );
  if (status !== 0) throw fail(stderr.trim());
}

/**
 * Where the tablespaces of a backup lie.
 *
 * @throws {OperatorError} `PHYSICAL_BACKUP_INCOMPLETE` if one is not there.
 */
async function tablespacesOf(backup: string, directory: string): Promise<{ oid: string; path: string }[]> {
  const links = join(directory, "pg_tblspc");
  const found: { oid: string; path: string }[] = [];
  for await (const { name, isSymlink } of Deno.readDir(links)) {
    if (!isSymlink) continue;
    const path = await Deno.readLink(join(links, name));
    const isThere = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
    if (!isThere) throw physicalBackupIncomplete.tablespace.error({ backup, tablespace: name, path });
    found.push({ oid: name, path });
  }
  return found;
}

/** Runs a command that reads what others wrote, with a file at its standard input. What it writes to is ours afterwards. */
async function runInside(sandbox: Sandbox, command: string[], view: View, input: string, signal?: AbortSignal) {
  const { account, reachesOurs, isInit } = sandbox;
  const written = view.write ?? [];
  for (const directory of account ? written : []) {
    if (!reachesOurs) await Deno.chmod(dirname(directory), 0o711);
    await lchown(directory, account!.uid, account!.gid);
  }
  const inside = await sandbox.command(command, view);
  const killSignal = isInit ? "KILL" as const : "TERM" as const;
  try {
    const args = ["-c", 'exec <"$1"; shift; exec "$@"', "sh", input, ...inside];
    return await run("/bin/sh", args, { env: { LC_ALL: "C" }, signal, killSignal });
  } finally {
    if (account) { for (const directory of written) await lchown(directory, Deno.uid()!, Deno.gid()!); }
  }
}
