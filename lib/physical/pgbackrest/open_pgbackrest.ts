import { join } from "node:path";
import { run, stream } from "../../system/child_process.ts";
import { ensureDirectory } from "../../system/files.ts";
import type { FoundFinding } from "../../system/define_finding.ts";
import { askTool, backupTool, restoreCommandOf } from "../backup_tool.ts";
import { backupToolFailed, repositoryDamaged, toolCouldNotRestore } from "../findings/tools.ts";
import type { ArchivedFile, PhysicalBackup, PhysicalSource, RestorePlace, SourceOptions } from "../source.ts";
import { historyName } from "../wal_name.ts";
import { type PgBackRestBackup, readInfo, type Stanza } from "./catalogue.ts";
import { readListing } from "./repository_listing.ts";

/** Opens a stanza of pgBackRest. Repositories are whatever its configuration says: local, S3, encrypted, several. */
export function openPgBackRest(
  stanza: string,
  { pgbackrestConfig, restoreCommand }: SourceOptions,
): PhysicalSource {
  const tool = backupTool("pgbackrest", ["PGBACKREST_"]);
  // Nothing of ours goes into the log files of the host's own runs.
  const common = [
    ...(pgbackrestConfig === undefined ? [] : [`--config=${pgbackrestConfig}`]),
    "--log-level-file=off",
    "--log-level-console=off",
    "--log-level-stderr=error",
  ];
  const ofStanza = [...common, `--stanza=${stanza}`];
  const ask = (args: string[], asked: string, signal?: AbortSignal) => askTool(tool, args, { asked, signal });
  /** Where it was restored: `archive-get` reads there which cluster it is for. Before that, the configured place serves. */
  let restored: string | undefined;
  let known: Promise<Stanza> | undefined;
  const catalogue = (signal?: AbortSignal) =>
    known ??= ask([...ofStanza, "info", "--output=json"], "what backups there are", signal)
      .then((json) => readInfo(json, stanza));

  async function* listWal(signal?: AbortSignal): AsyncGenerator<ArchivedFile> {
    for (const { repository, id } of (await catalogue(signal)).archives) {
      const path = `archive/${stanza}/${id}`;
      const args = [...common, `--repo=${repository}`, "repo-ls", path, "--recurse", "--output=json", "--sort=none"];
      const { stdout, ended } = stream(tool.program, args, { env: tool.env, signal });
      yield* readListing(stdout.pipeThrough(new TextDecoderStream()));
      const { status, stderr } = await ended;
      if (status === 0) continue;
      throw backupToolFailed.refused.error({ program: tool.program, asked: `what is in ${path}`, said: stderr.trim() });
    }
  }

  return {
    name: `pgbackrest:${stanza}`,
    async list(signal) {
      return (await catalogue(signal)).backups;
    },
    async restore(backup: PhysicalBackup, { directory, tablespaceDirectory, signal }: RestorePlace) {
      const { repository } = backup as PgBackRestBackup;
      // A lock file of another account's, in the usual place, would keep the host's own runs from theirs.
      const lockPath = join(tablespaceDirectory, ".lock");
      await ensureDirectory(lockPath);
      const { status, stderr } = await run(tool.program, [
        ...ofStanza,
        `--repo=${repository}`,
        "restore",
        `--set=${backup.name}`,
        `--pg1-path=${directory}`,
        "--reset-pg1-host",
        "--type=none",
        "--archive-mode=off",
        `--lock-path=${lockPath}`,
        `--tablespace-map-all=${tablespaceDirectory}`,
      ], { env: tool.env, signal });
      if (status !== 0) {
        throw toolCouldNotRestore.error({ program: tool.program, backup: backup.name, status, said: stderr.trim() });
      }
      await Deno.remove(lockPath, { recursive: true });
      restored = directory;
    },
    get restoreCommand() {
      const place = restored === undefined ? [] : [`--pg1-path=${restored}`, "--reset-pg1-host"];
      const args = [...ofStanza, ...place, "--no-archive-async", "archive-get"];
      return restoreCommand ?? `${restoreCommandOf([tool.program, ...args])} %f "%p"`;
    },
    listWal,
    async readHistory(timeline, signal) {
      for (const { repository, id } of (await catalogue(signal)).archives) {
        const path = `archive/${stanza}/${id}/${historyName(timeline)}`;
        const args = [...common, `--repo=${repository}`, "repo-get", path, "--ignore-missing"];
        const { status, stdout, stderr } = await run(tool.program, args, { env: tool.env, signal });
        if (status === 0) return stdout;
        if (status === 1 && stderr === "") continue; // it is not there
        throw backupToolFailed.refused.error({
          program: tool.program,
          asked: `what is in ${path}`,
          said: stderr.trim(),
        });
      }
      return undefined;
    },
    async verify(signal): Promise<FoundFinding[]> {
      const said = await ask(
        [...ofStanza, "verify", "--output=text", "--verbose"],
        `whether ${stanza} is whole`,
        signal,
      );
      return verifyFindings(said, stanza);
    },
  };
}

/** What `verify --output=text --verbose` found: it ends with status 0 whatever that is. */
function verifyFindings(said: string, stanza: string): FoundFinding[] {
  const status = /^status: (\w+)/m.exec(said)?.[1];
  if (status === "ok") return [];
  const lines = said.split("\n").filter((line) => !/^(stanza|status):/.test(line)).map((line) =>
    line.replace(/^ {2}/, "")
  );
  return [repositoryDamaged({ stanza, said: lines.join("\n").trim() || "it does not say what" })];
}
