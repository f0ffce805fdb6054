import { dirname, join } from "node:path";
import { run } from "../../system/child_process.ts";
import { ensureDirectory, isFile } from "../../system/files.ts";
import { inParallel } from "../../system/in_parallel.ts";
import { reasonOf } from "../../system/operator_error.ts";
import { askTool, backupTool, restoreCommandOf } from "../backup_tool.ts";
import { backupToolFailed, toolCouldNotRestore } from "../findings/tools.ts";
import type { ArchivedFile, PhysicalBackup, PhysicalSource, RestorePlace, SourceOptions } from "../source.ts";
import { type BarmanBackup, readBackup, readBackupList } from "./catalogue.ts";
import { lendTo } from "./lend_to.ts";
import { readWalDatabase } from "./wal_database.ts";

/** Opens a server of Barman's. Run as root, Barman becomes the account that it is configured with. */
export function openBarman(server: string, { barmanConfig, restoreCommand }: SourceOptions): PhysicalSource {
  const tool = backupTool("barman", ["BARMAN_", "PG", "SSH_"]);
  const common = barmanConfig === undefined ? [] : ["-c", barmanConfig];
  const ask = async (args: string[], asked: string, signal?: AbortSignal) => {
    return await askTool(tool, [...common, "-f", "json", ...args], { asked, signal });
  };
  let known: Promise<BarmanBackup[]> | undefined;
  const catalogue = (signal?: AbortSignal) =>
    known ??= (async () => {
      const listed = readBackupList(await ask(["list-backups", server], "what backups there are", signal), server);
      return await inParallel(listed, 4, async ({ backup_id }) =>
        readBackup(await ask(["show-backup", server, backup_id], `about the backup ${backup_id}`, signal), server));
    })();

  /** Barman says where a file of WAL lies; what it knows of all of them lies two levels above. */
  async function findWal(signal?: AbortSignal): Promise<string | undefined> {
    for (const { name, unfinished } of (await catalogue(signal)).toReversed()) {
      if (unfinished !== undefined) continue;
      const json = await ask(["list-files", server, name, "--target", "wal"], `where the WAL of ${name} is`, signal);
      const directory = /"(\/(?:[^"\\]|\\.)*)\/[0-9A-F]{16}\/[0-9A-F]{24}[^"/]*"/.exec(json)?.[1];
      if (directory !== undefined) return JSON.parse(`"${directory}"`);
    }
    return undefined;
  }

  /** Where its configuration says; asked only if need be, as Barman connects to the server for that. */
  async function configuredDatabase(signal?: AbortSignal): Promise<string | undefined> {
    const json = await ask(["show-servers", server], "where it keeps what it knows of the WAL", signal);
    const directory = /"xlogdb_directory":\s*("(?:[^"\\]|\\.)*")/.exec(json)?.[1];
    return directory === undefined ? undefined : await databaseOf(server, JSON.parse(directory));
  }

  return {
    name: `barman:${server}`,
    list: catalogue,
    async restore(backup: PhysicalBackup, { directory, tablespaceDirectory, signal }: RestorePlace) {
      const staging = join(tablespaceDirectory, ".staging");
      await ensureDirectory(staging);
      const owner = Deno.uid() === 0 ? await ownerOf(server, await findWal(signal)) : undefined;
      await using _lent = owner && await lendTo(owner, [directory, tablespaceDirectory, staging]);
      const { status, stdout, stderr } = await run(tool.program, [
        ...common,
        "recover",
        "--get-wal",
        "--recovery-staging-path",
        staging,
        ...(backup as BarmanBackup).tablespaces.flatMap((name) => [
          "--tablespace",
          `${name}:${join(tablespaceDirectory, name)}`,
        ]),
        server,
        backup.name,
        directory,
      ], { env: tool.env, signal });
      await Deno.remove(staging, { recursive: true });
      if (status === 0) return;
      const said = (stderr.trim() || stdout.trim()).split("\n").slice(-10).join("\n");
      throw toolCouldNotRestore.error({ program: tool.program, backup: backup.name, status, said });
    },
    get restoreCommand() {
      const args = [...common, "-q", "get-wal", "-P", server];
      return restoreCommand ?? `${restoreCommandOf([tool.program, ...args])} %f >"%p"`;
    },
    async *listWal(signal?: AbortSignal): AsyncGenerator<ArchivedFile> {
      const directory = await findWal(signal);
      if (directory === undefined) return;
      const path = await databaseOf(server, directory) ?? await configuredDatabase(signal) ??
        join(directory, oldDatabase);
      try {
        using file = await Deno.open(path);
        yield* readWalDatabase(file.readable.pipeThrough(new TextDecoderStream()));
      } catch (error) {
        const said = `${path}: ${reasonOf(error)}`;
        throw backupToolFailed.refused.error({ program: tool.program, asked: "what WAL there is", said }, {
          cause: error,
        });
      }
    },
  };
}

const oldDatabase = "xlog.db";

/** Barman renamed it in 3.13. */
async function databaseOf(server: string, directory: string): Promise<string | undefined> {
  for (const name of [`${server}-xlog.db`, oldDatabase]) {
    const path = join(directory, name);
    if (await isFile(path)) return path;
  }
  return undefined;
}

/** Who Barman is, once root has started it. */
async function ownerOf(server: string, wals: string | undefined): Promise<{ uid: number; gid: number }> {
  const { uid, gid } = wals === undefined ? {} as Deno.FileInfo : await Deno.stat(dirname(wals));
  if (uid !== undefined && uid !== null && gid !== null) return { uid, gid };
  const said = "it keeps no WAL, so that its account is not known; run pgrehearse as that account";
  throw backupToolFailed.refused.error({ program: "barman", asked: `where ${server} is kept`, said });
}
